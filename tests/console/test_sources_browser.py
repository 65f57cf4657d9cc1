"""Sources in a real browser: one is added, what it sends is mapped by clicks; renewed, paused, walked by keyboard."""

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.console.browsing import Seeded

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ADMIN = """
from core.actors import SYSTEM
from people.services.add_person import add_person
add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
"""
BODY = {"job": "settlement-eu", "state": "LATE", "msg": "no file by 03:30 <b>now</b>", "ctx": {"svc": "ledger-export"}}
DRAIN = "from core.actors import INTAKE\nfrom connectors.services.drain import drain\ndrain(actor=INTAKE)"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    return Seeded(tmp_path_factory.mktemp("sources"), "empty")


@pytest.fixture
def oda(console, open_as):
    """A page of an admin who was seen just now."""
    console.python(ADMIN)
    token = console.seed("sign-in-link", "oda")
    page = open_as("ben")
    page.context.clear_cookies()
    page.complaints.clear()
    page.goto(f"/sign-in/{token}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    return page


def add(page, kind, name):
    page.goto("/sources/")
    page.fill("#kind-filter", kind)
    page.locator("#kinds .kind:visible").first.click()
    page.fill("#name", name)
    page.get_by_role("button", name="Make the address and its secret").click()
    return page.locator("#secret").text_content()


def post(url, body):
    sent = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(sent, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_source_is_added_used_mapped_by_clicks_and_put_in_force(oda, console):
    url = add(oda, "you map it", "Settlement batch")
    expect(oda.locator("#new-h")).to_have_text("The address with its secret, shown once")
    assert post(url, BODY) == 202
    console.python(DRAIN)
    expect(oda.locator("#new")).to_be_visible()  # what comes in live takes nothing away that is shown once
    oda.reload()  # asks to add it again, and is told that it is there
    expect(oda.get_by_role("alert")).to_contain_text("There is already a source settlement-batch")

    oda.goto("/sources/settlement-batch/")
    expect(oda.locator("#dead")).to_contain_text("no mapping yet")
    oda.get_by_role("link", name="Map what it sends").click()
    for field, path in (("title", "msg"), ("status", "state"), ("service", "ctx.svc"), ("fingerprint", "job")):
        oda.focus(f"#m-{field}")
        oda.click(f'[data-path="{path}"]')
        expect(oda.locator(f"#m-{field}")).to_have_value(path)
    oda.fill("#m-status_words", "LATE = firing")
    expect(oda.locator("#tried")).to_contain_text("firing")
    expect(oda.locator("#tried")).to_contain_text("no file by 03:30 <b>now</b>")
    oda.fill("#m-service", "ctx.svx")
    expect(oda.locator("#why-service")).to_have_text("Not in this payload. Nearest: ctx.svc")
    oda.fill("#m-service", "ctx.svc")
    oda.click("#compare")
    expect(oda.locator("#compared")).to_contain_text("1 newly understood")
    oda.click("#put")
    expect(oda.locator("h1")).to_contain_text("Mapping 1 is in force")

    oda.goto("/sources/settlement-batch/")
    oda.get_by_role("button", name="Replay the dead letters").click()
    expect(oda.locator(".said")).to_contain_text("Put 1 dead letter back")
    console.python(DRAIN)
    oda.reload()
    expect(oda.locator("#dead")).to_contain_text("none")
    assert [text for text in oda.complaints if "400 (Bad Request)" not in text] == []  # the reload above


def test_a_source_is_renewed_paused_and_resumed_and_the_keyboard_walks_the_list(oda):
    old = add(oda, "zabbix", "Shop Zabbix")
    oda.get_by_role("button", name="I have it").click()
    expect(oda.locator("#new")).to_have_count(0)
    oda.get_by_role("button", name="Renew the secret").click()
    oda.get_by_role("button", name="Renew it").click()
    new = oda.locator("#secret").text_content()
    assert (post(old, {}), post(new, {})) == (401, 202)
    oda.goto("/sources/shop-zabbix/")
    oda.get_by_role("button", name="Pause", exact=True).click()
    expect(oda.get_by_role("button", name="Keep it")).to_be_focused()
    oda.get_by_role("button", name="Pause it").click()
    expect(oda.locator("h1")).to_have_text("Shop Zabbix is paused")
    assert post(new, {}) == 401
    oda.get_by_role("button", name="Resume").click()
    expect(oda.locator("h1")).not_to_contain_text("paused")

    oda.keyboard.press("g")
    oda.keyboard.press("o")
    oda.wait_for_url("**/sources/")
    oda.keyboard.press("/")
    oda.keyboard.type("zabb")
    expect(oda.locator("tr[data-row]")).to_have_count(1)
    oda.keyboard.press("Escape")
    oda.keyboard.press("j")
    oda.keyboard.press("Enter")
    oda.wait_for_url("**/sources/shop-zabbix/")
    assert [text for text in oda.complaints if "401" not in text] == []


def test_nothing_is_wider_than_a_phone(oda):
    add(oda, "you map it", "Batch")
    oda.set_viewport_size(PHONE)
    for path in ("/sources/", "/sources/batch/", "/sources/batch/deliveries/", "/sources/batch/mapping/"):
        oda.goto(path)
        assert oda.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
