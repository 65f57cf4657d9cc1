"""The loop as a newcomer walks it: an open page, a broken lab, a passkey, a fix."""

import re

import pytest
from playwright.sync_api import expect

from tests.console.browsing import VIRTUAL_KEY, chromium, read_all
from tests.scenarios import loop
from tests.scenarios.installations import Embedded

pytestmark = pytest.mark.scenario
SECOND = 1000


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    installation = Embedded(tmp_path_factory.mktemp("passkey"))
    try:
        yield installation.start(monitor="prometheus")
    finally:
        installation.stop()


@pytest.fixture
def page(console):
    """Ben's browser, signed in by his one-time link, with a passkey of its own."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        opened = context.new_page()
        tools = context.new_cdp_session(opened)
        tools.send("WebAuthn.enable")
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
        opened.goto(console.links["approver1"])
        opened.get_by_role("button", name="Sign in").click()
        opened.wait_for_url(f"{console.url}/")
        yield opened


def test_an_open_page_shows_the_incident_and_a_passkey_lets_it_be_fixed(console, page):
    page.goto(f"{console.url}/keys/")
    page.fill("#label", "Laptop passkey")
    page.click("#enrol-go")
    expect(page.locator("#mine")).to_contain_text("Laptop passkey")

    page.goto(f"{console.url}/")
    expect(page.get_by_text("Nothing is listening yet").or_(page.get_by_text("Break something"))).not_to_have_count(0)
    page.evaluate("window.neverReloaded = true")
    console.manage("lab", "break", "bad-config")
    title = page.get_by_role("link", name=re.compile(r"payments answers .* with an error"))
    expect(title).to_be_visible(timeout=60 * SECOND)
    expect(page.get_by_role("link", name=re.compile("Review"))).to_be_visible(timeout=60 * SECOND)
    expect(page.get_by_text("HIGH").first).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True

    page.keyboard.press("a")
    page.wait_for_url(re.compile("/approvals/"))
    read_all(page)
    page.click("#approve")
    expect(page.locator(".banner-ink")).to_contain_text("You signed.", timeout=20 * SECOND)

    page.goto(f"{console.url}/incidents/1/")
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("[aria-current=step]")).to_contain_text("Completed", timeout=90 * SECOND)
    assert page.evaluate("window.neverReloaded") is True
    assert loop.git_log(console)[0].startswith("Revert")
