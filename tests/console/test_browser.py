"""The pages in a real browser: keyboard, live updates, content security, signing."""

import re

import pytest
from playwright.sync_api import expect

from tests.console.browsing import WIDE, enrol, read_all

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def test_the_queue_is_worked_by_keyboard(open_as):
    page = open_as("ben")
    current = page.locator(".q-row[aria-current]")
    page.keyboard.press("j")
    expect(current).to_contain_text("checkout is slow and failing")
    page.keyboard.press("j")
    expect(current).to_contain_text("payments fails one request in twelve")
    page.keyboard.press("k")
    expect(current).to_contain_text("checkout is slow and failing")
    page.keyboard.press("?")
    expect(page.locator("#keymap")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    expect(page.locator("#f")).to_have_value("jk?")
    expect(page.locator("#nothing")).to_contain_text("No incident matches “jk?”")
    expect(page.locator("#f")).to_be_focused()
    page.get_by_role("link", name="Clear the filter").click()
    page.wait_for_url("**/?view=open")
    expect(page.locator("#live")).to_have_text("Live")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/2/")
    page.keyboard.press("a")
    page.wait_for_url("**/approvals/2/")
    page.goto("/")
    page.keyboard.press("a")
    page.wait_for_url("**/approvals/2/")
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("v")
    page.wait_for_url("**/audit/")
    assert page.complaints == []


def test_taking_over_by_key_asks_first(open_as):
    page = open_as("ada")
    page.keyboard.press("j")
    page.keyboard.press("t")
    dialog = page.locator("#take-over-ask")
    expect(dialog).to_contain_text("Take over checkout is slow and failing?")
    dialog.get_by_role("button", name="Take over").click()
    page.wait_for_url("**/incidents/2/")
    expect(page.locator(".facts")).to_contain_text("Ada Operator")


def test_values_change_in_place_and_new_rows_wait_behind_the_pill(open_as, console):
    watching, acting = open_as("cleo"), open_as("ada", "/incidents/8/")
    expect(watching.locator("#live")).to_have_text("Live")
    watching.evaluate("document.querySelector('#row-8').dataset.kept = 'yes'")
    console.seed("another")
    acting.get_by_role("button", name="Acknowledge").click()
    expect(watching.locator("#row-8")).to_contain_text("Acknowledged")
    assert watching.evaluate("document.querySelector('#row-8').dataset.kept") != ""
    expect(watching.locator("#new")).to_contain_text("1 new")
    assert watching.locator("text=gateway is slow").count() == 0
    watching.keyboard.press("n")
    expect(watching.locator(".q-row", has_text="gateway is slow")).to_be_visible()
    expect(watching.locator("#new")).to_be_hidden()
    assert watching.complaints == []


def test_a_silent_server_is_said_and_stops_signing(open_as, console):
    page = open_as("ben")
    enrol(page)
    page.goto("/approvals/1/")
    expect(page.locator("#live")).to_have_text("Live")
    read_all(page)
    console.freeze()
    expect(page.locator("#live")).to_have_text("Not live, reconnecting", timeout=20_000)
    page.click("#approve")
    expect(page.locator("#trouble")).to_contain_text("Signing waits until it is back")
    console.thaw()
    expect(page.locator("#live")).to_have_text("Live", timeout=20_000)


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 320, "height": 700}], ids=["wide", "phone", "320"])
def test_no_page_breaks_its_own_policy_or_scrolls_sideways(open_as, size):
    page = open_as("ben", size=size)
    paths = ("/", "/?view=settled", "/incidents/1/", "/incidents/6/", "/incidents/9/", "/approvals/1/", "/approvals/2/")
    for path in (*paths, "/audit/", "/audit/?record=3", "/keys/"):
        page.goto(path)
        expect(page.locator("#live i")).to_be_attached()
        page.wait_for_timeout(300)
        assert page.complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_no_list_scrolls_sideways_at_any_width_between(open_as):
    page, wrong = open_as("ben"), []
    for path in ("/", "/approvals/", "/sources/"):
        page.goto(path)
        for width in (*range(320, 1440, 80), 769, 1025, 1249, 1281):
            page.set_viewport_size({"width": width, "height": 800})
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                wrong.append((path, width))
    assert wrong == []


def test_a_change_is_read_signed_and_bound(open_as):
    page = open_as("ben")
    enrol(page)
    page.goto("/approvals/1/")
    expect(page.locator("#approve")).to_be_hidden()
    expect(page.locator("#words span")).to_have_count(6)
    read_all(page)
    page.click("#approve")
    expect(page.locator(".banner-ink")).to_contain_text("You signed.")
    expect(page.locator("#doc")).to_have_class(re.compile("bound"))
    expect(page.locator("#signatures")).to_contain_text("Ben Approver")
    assert page.complaints == []


def test_rejecting_takes_a_reason_and_the_passkey(open_as):
    page = open_as("ben")
    enrol(page)
    page.goto("/approvals/1/")
    expect(page.locator("#words span")).to_have_count(6)
    page.click("#reject-open")
    page.click("#reject-go")
    expect(page.locator("#reject-missing")).to_be_visible()
    page.fill("#reject-words", "The acquirer itself is down, see their status page.")
    page.click("#reject-go")
    expect(page.locator(".banner-grey")).to_contain_text("Rejected")
    expect(page.locator("#signatures")).to_contain_text("The acquirer itself is down")


def test_bytes_that_are_not_the_change_lock_the_page(open_as):
    page = open_as("ben")
    enrol(page)

    def other_bytes(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body().replace(b"8c1f2ae", b"0000000"))

    page.route("**/api/v1/changes/**", other_bytes)
    page.goto("/approvals/1/")
    expect(page.locator("#trouble")).to_contain_text("These are not the bytes that would be signed")
    expect(page.locator("#approve")).to_have_attribute("aria-disabled", "true")


def test_a_page_that_shows_something_else_than_the_bytes_locks_itself(open_as):
    page = open_as("ben")
    enrol(page)

    def other_text(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("git revert --no-edit 8c1f2ae", "echo nothing"))

    page.route("**/approvals/1/", other_text)
    page.goto("/approvals/1/")
    expect(page.locator("#trouble")).to_contain_text("steps.0.command")
    read_all(page)
    page.evaluate("document.getElementById('approve').click()")
    page.wait_for_timeout(500)
    assert page.evaluate("document.body.dataset.state") == "ready"
