"""Three people in three browsers and a fourth by SSH sign a critical change; those who may not read why on the page."""

import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.console.browsing import ROOT, Console, Seeded, enrol, read_all

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """An empty console with a registry and a policy."""
    return Seeded(tmp_path_factory.mktemp("quorum"), "empty")


@pytest.fixture
def console(seeded, tmp_path):
    started = Console(seeded, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def house(console, tmp_path):
    """What the test needs of the house: the request, the SSH signer's token and key."""
    printed = console.python(f"from tests.console.quorum_house import build; build({str(tmp_path)!r})")
    return json.loads(printed.splitlines()[-1])


def sign(page, request):
    page.goto(f"/approvals/{request}/")
    read_all(page)
    page.click("#approve")
    expect(page.locator(".banner-ink")).to_contain_text("You signed.")


def place(console):
    console.python("from audit.services.sequence import sequence_all; sequence_all()")


def test_three_browsers_and_one_terminal_sign_a_critical_change(open_as, console, house):
    request = house["request"]
    ben, cleo, eve = (open_as(handle, "/keys/") for handle in ("ben", "cleo", "eve"))
    for page in (ben, cleo, eve):
        enrol(page)

    ben.goto("/approvals/")
    row = ben.locator(f"#row-{request}")
    expect(ben.locator("#headline")).to_contain_text("1 waits for you")
    expect(row).to_contain_text("0 of 4, you may be the first")
    ben.keyboard.press("a")
    ben.wait_for_url(f"**/approvals/{request}/")
    expect(ben.locator("#words span")).to_have_count(6)
    words = ben.locator("#words span").all_text_contents()

    sign(ben, request)
    expect(ben.locator("#receipt")).to_contain_text("Sent, not yet recorded")
    expect(ben.locator("#doc")).not_to_have_class(re.compile("bound"))
    place(console)
    expect(ben.locator("#receipt")).to_contain_text("the one that this browser sent", timeout=15_000)

    cleo.goto("/approvals/")
    expect(cleo.locator(f"#row-{request} .qs i.on")).to_have_count(1)
    expect(cleo.locator(f"#row-{request}")).to_contain_text("1 of 4, you may be the second")
    sign(cleo, request)

    by_terminal(console, house)

    eve.goto(f"/approvals/{request}/")
    expect(eve.locator("#signatures")).to_contain_text("Fay Approver")
    expect(eve.locator("#signatures h2")).to_contain_text("3 of 4")
    sign(eve, request)
    expect(eve.locator(".banner-ink")).to_contain_text("The signatures are complete")
    expect(eve.locator("#doc")).to_have_class(re.compile("bound"))
    expect(eve.locator("#words span")).to_have_text(words)
    for page in (ben, cleo, eve):
        assert page.complaints == []


def by_terminal(console, house):
    """Sign with an SSH key over the API, as from another machine."""
    command = [sys.executable, str(ROOT / "manage.py"), "approve", str(house["request"]), "--yes", "--json"]
    command += ["--ssh-key", house["key"], "--url", console.url, "--token", house["token"]]
    done = subprocess.run(command, env=console.environment, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["decision"] == "approve"


def test_who_may_not_sign_reads_why(open_as, console, house):
    request = house["request"]
    shaped, manager = open_as("gus", f"/approvals/{request}/"), open_as("dan", f"/approvals/{request}/")
    expect(shaped.locator("#act")).to_contain_text("You proposed or shaped this change; you may reject it.")
    assert not shaped.locator("#approve").count()
    expect(manager.locator("#act")).to_contain_text("You may not sign. You do not hold the approver role.")

    ben = open_as("ben", "/keys/")
    enrol(ben)
    ben.goto(f"/approvals/{request}/")
    refused = ben.locator(".who-list .no")
    expect(refused.filter(has_text="Gus Approver")).to_contain_text("proposed or shaped this change")
    expect(refused.filter(has_text="planner")).to_contain_text("agents never sign")
    expect(refused.filter(has_text="Eve Approver")).to_contain_text("has no key in the signed registry")


def test_a_linked_second_account_is_no_second_vote(open_as, console, house):
    request = house["request"]
    cleo, eve = open_as("cleo", "/keys/"), open_as("eve", "/keys/")
    enrol(cleo)
    enrol(eve)
    sign(cleo, request)
    console.python('from tests.console.quorum_house import link; link("cleo", "eve")')

    eve.goto(f"/approvals/{request}/")
    expect(eve).to_have_url(re.compile("/sign-in/"))
    ben = open_as("ben", "/keys/")
    enrol(ben)
    ben.goto(f"/approvals/{request}/")
    expect(ben.locator("#signatures h2")).to_contain_text("1 of 4")
    assert not ben.locator("#side .who-list li:not(.no)", has_text="Eve Approver").count()


def test_a_second_account_of_whoever_shaped_it_reads_why_it_may_not_sign(open_as, console, house):
    eve = open_as("eve", "/keys/")
    enrol(eve)
    console.python('from tests.console.quorum_house import link; link("gus", "eve")')
    eve.goto(console.python('from tests.console.quorum_house import enter; enter("eve")').splitlines()[-1])
    eve.get_by_role("button", name="Sign in with this link").click()
    eve.wait_for_url("**/")
    eve.goto(f"/approvals/{house['request']}/")

    expect(eve.locator("#act")).to_contain_text("You proposed or shaped this change; you may reject it.")
    assert not eve.locator("#approve").count()


def test_questions_and_answers_are_put_on_the_record_without_losing_ones_place(open_as, console, house):
    request = house["request"]
    ben, ada = open_as("ben", "/keys/"), open_as("ada", f"/approvals/{request}/")
    enrol(ben)
    ben.goto(f"/approvals/{request}/")
    expect(ben.locator("#words span")).to_have_count(6)
    ben.click("#read-on")
    ben.get_by_role("button", name="Ask").click()
    ben.fill("#ask-words", "What happens to payments in flight?")
    ben.click("#ask-go")
    expect(ben.locator("#talk-list")).to_contain_text("What happens to payments in flight?")
    expect(ben.locator("#seen")).not_to_have_text(re.compile("^0 of"))
    ada.reload()
    ada.locator("[data-answer]").first.click()
    ada.fill("#answer-words", "They finish on the old database.")
    ada.click("#answer-go")
    expect(ada.locator("#talk-list")).to_contain_text("They finish on the old database.")
    ben.reload()
    expect(ben.locator("#talk-list")).to_contain_text("They finish on the old database.")
    assert ben.complaints == []


def test_a_signature_is_withdrawn_with_the_passkey(open_as, console, house):
    page = open_as("ben", "/keys/")
    enrol(page)
    sign(page, house["request"])
    page.get_by_role("button", name="Withdraw", exact=True).click()
    page.click("#withdraw-go")
    expect(page.locator("#signatures h2")).to_contain_text("0 of 4")
    expect(page.locator("#act")).to_contain_text("Reject")
    assert page.complaints == []


def test_a_lost_connection_asks_the_server_and_never_the_person(open_as, console, house):
    page = open_as("ben", "/keys/")
    enrol(page)
    page.goto(f"/approvals/{house['request']}/")
    read_all(page)
    page.route("**/decisions/", lambda route: (route.fetch(), route.abort("connectionreset")))
    page.click("#approve")
    expect(page.locator(".banner-ink")).to_contain_text("You signed.", timeout=15_000)


def test_whoever_may_withdraws_the_request_with_a_reason_and_the_reader_is_locked(open_as, console, house):
    request = house["request"]
    ben, ada = open_as("ben", "/keys/"), open_as("ada", f"/approvals/{request}/")
    enrol(ben)
    ben.goto(f"/approvals/{request}/")
    expect(ben.locator("#words span")).to_have_count(6)
    ada.get_by_role("button", name="Withdraw the request").click()
    ada.click("#wr-go")
    expect(ada.locator("#wr-missing")).to_be_visible()
    ada.fill("#wr-words", "The database came back by itself.")
    ada.click("#wr-go")
    expect(ada.locator(".banner-grey")).to_contain_text("Withdrawn")
    expect(ben.locator(".banner-grey")).to_contain_text("Withdrawn", timeout=15_000)
    assert not ben.locator("#approve").count()


def test_the_delegate_of_whoever_shaped_it_may_not_sign_and_reads_why(open_as, console, house, tmp_path):
    ben = open_as("ben", "/keys/")
    enrol(ben)
    in_house = "from tests.console.quorum_house import high, lend"
    request = json.loads(console.python(f'{in_house}; high("gus")').splitlines()[-1])["request"]
    console.python(f'{in_house}; lend({str(tmp_path)!r}, "gus", "ben", "rollback-config")')
    ben.goto(f"/approvals/{request}/")
    expect(ben.locator("#act")).to_contain_text("You may sign for somebody who proposed or shaped this change")
    assert not ben.locator("#approve").count()
    cleo = open_as("cleo", f"/approvals/{request}/")
    expect(cleo.locator(".who-list .no").filter(has_text="Ben Approver")).to_contain_text("may sign for somebody")


def test_the_delegate_of_whoever_shaped_a_critical_change_reads_why_too(open_as, console, house, tmp_path):
    ben = open_as("ben", "/keys/")
    enrol(ben)
    in_house = "from tests.console.quorum_house import lend"
    console.python(f'{in_house}; lend({str(tmp_path)!r}, "gus", "ben", "move-database")')
    ben.goto(f"/approvals/{house['request']}/")
    expect(ben.locator("#act")).to_contain_text("You may sign for somebody who proposed or shaped this change")
    assert not ben.locator("#approve").count()
    assert not ben.locator("#for").count()  # and nothing critical is signed for another
