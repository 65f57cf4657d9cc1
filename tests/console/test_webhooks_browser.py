"""Webhooks in a real browser, with a real receiver: one is added, tried, paused, resumed, renewed and removed."""

import pytest
from playwright.sync_api import expect

from core import clock
from tests.connectors.conftest import serve
from tests.connectors.outbound.conftest import verified
from tests.console.browsing import Console, Seeded
from tests.console.test_sources_browser import oda

__all__ = ["oda", "serve"]

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
SEND = """
from audit.services.sequence import sequence_all
from connectors.services.send_webhooks import send_webhooks
sequence_all()
send_webhooks()
"""


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    return Seeded(tmp_path_factory.mktemp("webhooks"), "empty")


@pytest.fixture
def console(seeded, tmp_path, monkeypatch):
    """A console that may post to loopback."""
    monkeypatch.setenv("WEBHOOK_NETWORKS", "127.0.0.0/8")
    started = Console(seeded, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def receiver(serve):
    def answer(handler):
        handler.send_response(204)
        handler.end_headers()

    return serve(answer)


def add(page, url, name="chat"):
    page.goto("/webhooks/")
    page.fill("#kind-filter", "webhook")
    expect(page.locator("#kinds .kind:visible")).to_have_count(1)
    page.locator("#kinds .kind:visible input").check()
    page.fill("#name", name)
    page.fill("#url", f"{url}/hook/TOKEN")
    page.fill("#patterns", "alert.fired")
    page.get_by_role("button", name="Add it and make its secret").click()
    return page.locator("#secret").text_content()


def press(page, opener, verb, choose=""):
    """Open a dialog, choose something in it, and do it."""
    page.get_by_role("button", name=opener, exact=True).click()
    expect(page.locator("dialog[open] [autofocus]")).to_be_focused()
    if choose:
        page.locator("dialog[open]").get_by_text(choose).click()
    page.locator("dialog[open]").get_by_role("button", name=verb).click()


def types(seen):
    return [body.split(b'"type":"countersign.')[1].split(b'"')[0].decode() for _, _, body in seen]


def genuine(secret, one):
    return verified(secret, one[1], one[2], now=clock.now().timestamp())


def test_one_is_added_tried_paused_resumed_renewed_and_removed(oda, console, receiver):
    url, seen = receiver
    secret = add(oda, url)
    expect(oda.locator("#new-h")).to_have_text("The secret of chat, shown once")
    assert secret.startswith("whsec_")

    oda.get_by_role("button", name="Send a test").click()
    expect(oda.locator(".said")).to_contain_text("It answered 204")
    expect(oda.locator("#new")).to_have_count(0)
    assert types(seen) == ["webhook.tried"]
    assert genuine(secret, seen[0])

    press(oda, "Pause", "Pause it")
    expect(oda.locator("h1")).to_have_text("chat is paused")
    console.python(SEND)
    assert len(seen) == 1
    press(oda, "Resume", "Resume it", "Go on where it stopped")
    expect(oda.locator(".said")).to_contain_text("It goes on where it stopped.")
    console.python(SEND)
    assert types(seen)[1:] == ["webhook.added", "webhook.tried", "webhook.paused", "webhook.resumed"]
    oda.reload()
    expect(oda.locator("h1")).to_have_text("chat is told what happens")
    expect(oda.locator("tr[data-row]")).to_have_count(4)

    press(oda, "Renew the secret", "Renew it", "Sign with both for a day")
    new = oda.locator("#secret").text_content()
    oda.get_by_role("button", name="Send a test").click()
    expect(oda.locator(".said")).to_contain_text("It answered 204")
    assert genuine(secret, seen[-1]) and genuine(new, seen[-1])  # noqa: PT018 -- one of them alone would not do

    press(oda, "Remove", "Remove it")  # not without its name
    oda.fill("#remove-name", "chat")
    oda.locator("dialog[open]").get_by_role("button", name="Remove it").click()
    expect(oda.locator("h1")).to_have_text("Nobody outside is told what happens")
    assert oda.complaints == []


def test_what_is_typed_in_a_dialog_stays_while_the_page_behind_it_changes(oda, receiver):
    add(oda, receiver[0])
    other = oda.context.new_page()
    other.goto("/webhooks/chat/")
    oda.goto("/webhooks/chat/")
    expect(oda.locator("body")).to_have_attribute("data-live", "yes")
    oda.get_by_role("button", name="Renew the secret").click()
    oda.locator("dialog[open]").get_by_text("The old one stops at once").click()

    press(other, "Pause", "Pause it")

    expect(oda.locator("h1")).to_have_text("chat is paused")
    expect(oda.locator("#rotate input[value=stops]")).to_be_checked()


def test_the_keyboard_walks_them_and_nothing_is_wider_than_a_phone(oda, receiver):
    add(oda, receiver[0], "a-name-that-is-as-long-as-a-name-of-a-webhook-may-be-at-most")
    oda.goto("/sources/")
    oda.get_by_role("link", name="Webhooks").click()
    oda.wait_for_url("**/webhooks/")
    oda.keyboard.press("j")
    oda.keyboard.press("Enter")
    oda.wait_for_url("**/webhooks/a-name-*/")
    page = oda.url
    oda.set_viewport_size(PHONE)
    for path in ("/webhooks/", page, f"{page}deliveries/"):
        oda.goto(path)
        assert oda.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
