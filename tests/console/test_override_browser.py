"""Emergency override in browsers: one person alone, loud above every page, until two others have looked at it."""

import json

import pytest
from playwright.sync_api import expect

from tests.console.browsing import Console, Seeded, enrol

pytestmark = pytest.mark.browser
REASON = "The settlement file is due at 03:30 and nobody answered for twenty minutes."


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """An empty console with a registry and a policy."""
    return Seeded(tmp_path_factory.mktemp("override"), "empty")


@pytest.fixture
def console(seeded, tmp_path):
    started = Console(seeded, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def request_id(console, tmp_path):
    printed = console.python(f"from tests.console.quorum_house import build; build({str(tmp_path)!r})")
    return json.loads(printed.splitlines()[-1])["request"]


def test_one_person_overrides_and_two_others_review_it(open_as, console, request_id):
    ben, cleo, eve, ada = (open_as(handle, "/keys/") for handle in ("ben", "cleo", "eve", "ada"))
    for page in (ben, cleo, eve):
        enrol(page)
    console.python('from tests.console.quorum_house import empower; empower("ben")')

    cleo.goto(f"/approvals/{request_id}/")
    expect(cleo.locator(".side")).to_contain_text("The signed registry does not give you the role override.")
    ben.goto(f"/approvals/{request_id}/")
    expect(ben.locator("#words span")).to_have_count(6)
    ben.get_by_role("button", name="Emergency override").click()
    ben.click("#override-go")
    expect(ben.locator("#override-missing")).to_be_visible()
    ben.fill("#override-words", REASON)
    ben.click("#override-go")
    expect(ben.locator(".stand")).to_contain_text("Override not yet reviewed")

    for path in ("/", "/audit/", "/approvals/", "/keys/", f"/approvals/{request_id}/"):
        ada.goto(path)
        expect(ada.locator(".stand")).to_contain_text(REASON)
        assert not ada.locator(".stand [data-close]").count(), path
    expect(ada.locator("#review")).to_contain_text("0 of 2 reviewed")

    for number, page in enumerate((cleo, eve), 1):
        page.goto("/")
        page.get_by_role("link", name="Review").first.click()
        page.fill("#review-words", "Read the change and the chat of that night.")
        page.get_by_role("button", name="It was right").click()
        expect(page.locator("#review h2")).to_contain_text(f"{number} of 2 reviewed")
    eve.goto("/")
    expect(eve.locator(".stand")).to_have_count(0)
    assert ben.complaints == []
    assert eve.complaints == []
