"""The map, maintenance, rules and dead letters in a real browser: walked by links, acted on, followed live."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
WINDOW = """
from datetime import timedelta
from core import clock
from core.actors import SYSTEM
from incidents.services.open_window import WindowPlan, open_window
until = clock.now() + timedelta(hours=2)
open_window(WindowPlan(why="New disks.", until=until, services=("inventory",)), actor=SYSTEM)
"""
DEAD = """
from core.actors import SYSTEM
from connectors.models import Source
from connectors.services.accept import accept
from connectors.services.drain import drain
for body in (b"[1]", b'["<img src=x onerror=alert(1)>"]'):
    accept(Source.objects.get(), body, headers={})
drain(actor=SYSTEM)
"""


def sideways(page):
    """How far the page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_the_map_is_walked_by_its_boxes_and_narrowed_as_one_types(open_as):
    page = open_as("ada", "/services/")
    page.locator("#box-inventory").click()
    expect(page.locator("#sheet-h")).to_have_text("inventory")
    expect(page.locator("#row-inventory")).to_have_attribute("aria-current", "true")
    page.locator("#sheet a", has_text="gateway").first.click()
    expect(page.locator("#sheet-h")).to_have_text("gateway")
    page.fill("#f", "paym")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("svg a")).to_have_count(1)
    assert "text=paym" in page.url
    assert page.complaints == []


def test_a_window_is_extended_in_its_dialog_and_ended_and_the_page_follows(open_as, console):
    console.python(WINDOW)
    page = open_as("ada", "/maintenance/")
    page.get_by_role("button", name="Extend").click()
    page.get_by_role("button", name="Extend it").click()
    expect(page.locator("#main")).to_contain_text("The window on inventory lasts until")
    page.get_by_role("button", name="End now").click()
    expect(page.locator("#main")).to_contain_text("The window on inventory is ended.")
    expect(page.locator("h1")).to_contain_text("Nothing is hidden")
    assert page.complaints == []


def test_dead_letters_stay_text_and_are_replayed_by_reason(open_as, console):
    console.python(DEAD)
    page = open_as("ada", "/dead-letters/")
    page.locator("summary").first.click()
    expect(page.locator("pre").first).to_contain_text("onerror=alert(1)")
    assert page.locator("#main img").count() == 0
    page.get_by_role("button", name="Replay all 2").click()
    expect(page.locator("#main")).to_contain_text("Put 2 dead letters back to be read again.")
    assert page.complaints == []


def test_an_alert_is_called_noise_and_the_word_stands(open_as):
    page = open_as("ben", "/incidents/1/")
    page.get_by_role("button", name="No, noise").first.click()
    expect(page.get_by_role("button", name="No, noise").first).to_have_attribute("aria-pressed", "true")
    assert page.complaints == []


def test_on_a_phone_nothing_but_the_map_and_the_calendar_goes_sideways(open_as, console):
    console.python(WINDOW)
    page = open_as("ada", "/services/", PHONE)
    for path in ("/services/", "/maintenance/", "/maintenance/1/", "/rules/", "/dead-letters/", "/incidents/1/"):
        page.goto(path)
        assert sideways(page) == 0, path
    page.locator(".me").click()
    expect(page.locator("#account a", has_text="Services")).to_be_visible()
    expect(page.locator("#account a", has_text="Sources")).to_be_visible()
