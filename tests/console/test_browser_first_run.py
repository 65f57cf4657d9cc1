"""Before the first signal, in a real browser: the page becomes the queue by itself, and its keys work there."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.browsing import Console, Seeded, chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def console(tmp_path):
    started = Console(Seeded(tmp_path / "seeded", "empty"), tmp_path / "running")
    lab = Path(started.environment["DATA_DIR"]) / "lab"
    lab.mkdir(parents=True, exist_ok=True)
    (lab / "lab.json").write_text(json.dumps({"services": [1, 2, 3, 4]}), encoding="utf-8")
    yield started
    started.stop()


@pytest.fixture
def page(console):
    with chromium() as browser:
        context = browser.new_context(base_url=console.url)
        context.add_cookies([{"name": "sessionid", "value": console.seed("session", "ben"), "url": console.url}])
        yield context.new_page()


def test_the_first_incident_turns_the_first_page_into_the_queue(console, page):
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Nothing is listening yet")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#open-count")).to_be_hidden()
    page.evaluate("window.kept = true")

    console.seed("another")
    acting = page.context.new_page()
    acting.goto("/incidents/1/")
    acting.get_by_role("button", name="Acknowledge").click()

    expect(page.locator(".q-row")).to_contain_text("gateway is slow")
    expect(page.locator("#open-count")).to_have_text("1")
    expect(page).to_have_title("Nothing waits for you · Countersign")
    assert page.evaluate("window.kept")
    page.keyboard.press("j")
    expect(page.locator(".q-row[aria-current]")).to_contain_text("gateway is slow")
    page.keyboard.press("t")
    expect(page.locator("#take-over-ask")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#take-over-ask")).to_be_hidden()


def test_a_button_of_the_lab_says_that_it_is_at_work_and_what_went_wrong(page):
    page.goto("/")
    button = page.get_by_role("button", name="Leak memory in one service")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    expect(page.locator("#say")).to_have_text("Sent, waiting for the answer")
    page.reload()
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Leak memory in one service: not done. The lab broke down")
