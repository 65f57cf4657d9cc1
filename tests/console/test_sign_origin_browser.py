"""Two hosts in a real browser: a page of the console asks for the signing host's passkeys, and gets none (H3)."""

import os
import subprocess
import sys

import pytest

from tests.console.browsing import ROOT, VIRTUAL_KEY, Console, Seeded, chromium, free_port, wait_for

pytestmark = pytest.mark.browser

ASK = """async (rpId) => {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  try {
    await navigator.credentials.get({ publicKey: { challenge, rpId, userVerification: "required", timeout: 3000 } });
    return "signed";
  } catch (error) {
    return error.name;
  }
}"""
MAKE = """async (rpId) => {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const user = { id: new Uint8Array(8), name: "ben", displayName: "Ben" };
  const pubKeyCredParams = [{ type: "public-key", alg: -7 }];
  const authenticatorSelection = { residentKey: "required", userVerification: "required" };
  try {
    const rp = { id: rpId, name: "x" };
    const publicKey = { challenge, rp, user, pubKeyCredParams, authenticatorSelection };
    await navigator.credentials.create({ publicKey });
    return "made";
  } catch (error) {
    return error.name;
  }
}"""


class TwoHosts(Seeded):
    """A console and a signing host over the same data."""

    def __init__(self, folder):
        self.sign_port = free_port()
        super().__init__(folder)

    def environment(self, folder):
        self.url = f"http://console.localhost:{self.port}"
        self.sign_url = f"http://sign.localhost:{self.sign_port}"
        hosts = "localhost,127.0.0.1,console.localhost,sign.localhost"
        return {**super().environment(folder), "SIGN_URL": self.sign_url, "ALLOWED_HOSTS": hosts}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    seeded = TwoHosts(folder / "seeded")
    console = Console(seeded, folder / "running")
    command = [sys.executable, "-m", "uvicorn", "console.asgi:application", "--port", str(seeded.sign_port)]
    command += ["--ws", "websockets-sansio", "--lifespan", "off", "--log-level", "warning"]
    signing = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **console.environment, "SERVE": "sign"})
    wait_for(seeded.sign_port)
    console.sign_url = seeded.sign_url
    yield console
    signing.terminate()
    signing.wait(10)
    console.stop()


@pytest.fixture
def page(hosts):
    with chromium() as browser:
        context = browser.new_context()
        for name, url in (("sessionid", hosts.url), ("sign_sessionid", hosts.sign_url)):
            context.add_cookies([{"name": name, "value": hosts.seed("session", "ben"), "url": url}])
        yield context.new_page()


def with_authenticator(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})


def test_a_page_of_the_console_cannot_ask_for_a_signing_key(hosts, page):
    page.goto(f"{hosts.sign_url}/keys/")
    with_authenticator(page)
    assert page.evaluate(MAKE, "sign.localhost") == "made"
    assert page.evaluate(ASK, "sign.localhost") == "signed"

    page.goto(f"{hosts.url}/")
    for rp_id in ("sign.localhost", "localhost"):
        assert page.evaluate(ASK, rp_id) == "SecurityError", rp_id
        assert page.evaluate(MAKE, rp_id) == "SecurityError", rp_id


def test_the_signing_page_is_on_its_own_host_and_the_console_leads_there(hosts, page):
    page.goto(f"{hosts.url}/approvals/1/")
    assert page.url == f"{hosts.sign_url}/approvals/1/"
    assert page.locator("h1").first.is_visible()
    page.locator("#words, .fp").first.wait_for()
    page.get_by_role("link", name="Countersign").first.click()
    page.wait_for_url(f"{hosts.url}/")


def test_the_consoles_session_does_not_open_the_signing_host(hosts, page):
    page.context.clear_cookies(name="sign_sessionid")
    page.goto(f"{hosts.sign_url}/keys/")
    assert page.url.startswith(f"{hosts.sign_url}/sign-in/")
    stolen = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    page.context.add_cookies([{"name": "sign_sessionid", "value": stolen["value"], "url": hosts.sign_url}])
    page.goto(f"{hosts.url}/")
    page.goto(f"{hosts.sign_url}/keys/")
    assert page.url.startswith(f"{hosts.sign_url}/sign-in/")


def test_a_page_of_the_console_cannot_use_the_signing_hosts_session(hosts, page):
    page.goto(f"{hosts.url}/")
    told = page.evaluate(
        """(url) => fetch(url, { method: "POST", credentials: "include", body: "{}" })
            .then((answer) => answer.status, () => "blocked")""",
        f"{hosts.sign_url}/api/v1/keys/registration-options/",
    )
    assert told == "blocked"
