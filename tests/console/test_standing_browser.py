"""A standing approval in browsers: proposed by one, read to the letter and signed by another, listed, ended."""

import pytest
from playwright.sync_api import expect

from tests.console.browsing import enrol

pytestmark = pytest.mark.browser
PROPOSE = """
from datetime import timedelta
from approvals.services.propose_standing import StandingDraft, propose_standing
from audit.services.sequence import sequence_all
from core import clock
from people.models import Person
now = clock.now()
row = propose_standing(StandingDraft(
    environment="lab", intent="Restart checkout when it hangs", action="restart-service", adapter="supervisor.restart",
    targets=["lab/checkout"], params=[{"name": "process", "const": "checkout"}], max_uses=3, per_hour=3, cool_down_s=60,
    not_before=now - timedelta(seconds=1), not_after=now + timedelta(days=7),
), actor=Person.objects.get(handle="ada").as_actor())
sequence_all()
print(row.uid)
"""


@pytest.fixture
def uid(console):
    return console.python(PROPOSE).splitlines()[-1]


def test_it_is_signed_listed_and_ended(open_as, console, uid):
    ben = open_as("ben", "/keys/")
    enrol(ben)
    ben.goto("/approvals/?view=standing")
    row = ben.locator(f"#standing-{uid}")
    expect(row).to_contain_text("nobody yet, 0 of 1")
    row.get_by_role("link", name="Read").click()
    expect(ben.locator("#standing-text")).to_contain_text("at most 3 times, 3 in an hour, 60 s apart")
    expect(ben.locator("body")).to_have_attribute("data-live", "yes")
    ben.click("#approve")
    expect(ben.locator(".banner-ink")).to_contain_text("is in force")

    ben.goto("/approvals/")
    expect(row).to_contain_text("Ben Approver")
    expect(row).to_contain_text("0 of 3 used")
    expect(row.locator(".uses i")).to_have_count(3)
    row.get_by_role("button", name="End now").click()
    ben.fill("[data-particular=why] >> visible=true", "It hangs for another reason.")
    ben.locator("dialog[open] [data-go]").click()
    expect(row).to_contain_text("It hangs for another reason.")
    expect(row).to_contain_text("needs a new signature")
    assert ben.complaints == []


def test_whoever_asked_for_it_may_not_sign_and_reads_why(open_as, uid):
    page = open_as("ada", f"/approvals/standing/{uid}/")
    expect(page.locator("#act")).to_contain_text("You do not hold the approver role.")
    assert not page.locator("#approve").count()


def test_a_page_that_shows_another_text_signs_nothing(open_as, uid):
    page = open_as("ben", "/keys/")
    enrol(page)
    page.goto(f"/approvals/standing/{uid}/")
    expect(page.locator("#words span")).to_have_count(6)
    expect(page.locator("body")).to_have_attribute("data-live", "yes")
    page.evaluate("() => (document.getElementById('standing-text').textContent += ' ')")
    page.click("#approve")
    expect(page.locator("#trouble")).to_contain_text("commits to another text than this page shows")
