"""Local accounts in a real browser: come in by a link once, then by a passkey; confirm by it; end other browsers."""

import pytest
from playwright.sync_api import expect

from tests.console.browsing import VIRTUAL_KEY, Console, Seeded, chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    started = Console(Seeded(folder / "seeded", "empty"), folder / "running")
    yield started
    started.stop()


@pytest.fixture
def page(console):
    with chromium() as browser:
        page = browser.new_context(base_url=console.url).new_page()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        page.key = session.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})["authenticatorId"]
        page.cdp = session
        yield page


def come_in(console, page, handle):
    page.goto(f"/sign-in/{console.seed('sign-in-link', handle)}/")
    page.get_by_role("button", name="Sign in with this link").click()
    page.wait_for_url("**/")


def add_passkey(page):
    page.goto("/account/")
    page.get_by_role("button", name="Add a passkey for signing in").click()
    expect(page.locator("#passkeys tbody tr")).to_have_count(1)


def leave(page):
    """Sign out, with the authenticator out of reach, so that the sign-in page cannot bring one back at once."""
    page.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": page.key, "enabled": False})
    page.locator(".me").click()
    page.locator(".menu__out").click()
    page.wait_for_url("**/sign-in/")
    page.goto("about:blank")
    page.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": page.key, "enabled": True})


def test_a_passkey_added_after_the_link_signs_in_by_itself(console, page):
    come_in(console, page, "ada")
    add_passkey(page)
    leave(page)
    page.goto("/sign-in/?next=/keys/", wait_until="commit")
    page.wait_for_url("**/keys/")


def test_it_signs_in_by_the_button_where_the_browser_offers_nothing_by_itself(console, page):
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    come_in(console, page, "dan")
    add_passkey(page)
    leave(page)
    page.goto("/sign-in/?next=/keys/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/keys/")


def test_a_dangerous_deed_asks_for_the_passkey_and_brings_one_back(console, page):
    come_in(console, page, "ben")
    add_passkey(page)
    console.seed("unseen", "ben")
    page.locator("#token-label").fill("CI")
    page.get_by_label("ledger:read").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_role("button", name="Confirm with your passkey").click()
    page.wait_for_url("**/account/")
    page.locator("#token-label").fill("CI")
    page.get_by_label("ledger:read").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("#made")).to_be_visible()


def test_a_signing_key_signs_nobody_in(console, page):
    """The authenticator offers what it holds for this host; the console knows which of it is for signing in."""
    come_in(console, page, "cleo")
    page.evaluate(
        """async () => {
          const challenge = crypto.getRandomValues(new Uint8Array(32));
          const user = { id: new TextEncoder().encode("signing-key"), name: "cleo", displayName: "Cleo" };
          const pubKeyCredParams = [{ type: "public-key", alg: -7 }];
          const authenticatorSelection = { residentKey: "required", userVerification: "required" };
          const publicKey = { challenge, rp: { name: "x" }, user, pubKeyCredParams, authenticatorSelection };
          await navigator.credentials.create({ publicKey });
        }"""
    )
    page.context.clear_cookies()
    page.goto("/sign-in/")
    expect(page.locator("#passkey-said")).to_contain_text("signs nobody in here")
    page.goto("/account/")
    assert "/sign-in/" in page.url
