"""Take the pictures in this folder: a console of its own, its lab broken for real, every page in four forms."""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright

from docs.screens import expecting, sending, telling
from tests.console.browsing import ARGUMENTS, VIRTUAL_KEY
from tests.scenarios.installations import Embedded

HERE = Path(__file__).resolve().parent
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def main() -> None:
    """Start a console with neighbours, and walk its pages in the order in which a newcomer meets them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        telling.neighbours() as (heard, snow),
        sync_playwright() as playwright,
    ):
        console = Embedded(Path(folder))
        console.environment["WEBHOOK_NETWORKS"] = "127.0.0.0/8"
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        try:
            console.start()
            walk(browser, console, heard, snow)
        finally:
            browser.close()
            console.stop()


def walk(browser: Browser, console: Embedded, heard: str, snow: str) -> None:
    """Every page, in that order."""
    shoot(browser, console, "sign-in", "/sign-in/", signed_in=False)
    enrolled(browser, console, "approver2")
    page = enrolled(browser, console, "approver1")
    state = page.context.storage_state()
    shoot(browser, console, "first-run", "/", state=state)
    telling.tell(console, heard)
    console.manage("lab", "break", "bad-config")
    incident = console.wait_for_incident(0, limit_s=60)
    incident = console.wait_for_state(incident["id"], "AWAITING_APPROVAL", limit_s=60)
    time.sleep(20)
    request = incident["remediation"]["approval"]["id"]
    expecting.plan(console)
    shown = {
        "queue": "/",
        "incident": f"/incidents/{incident['id']}/",
        "approvals": "/approvals/",
        "approve": f"/approvals/{request}/",
        "keys": "/keys/",
        "services": "/services/",
        "maintenance": "/maintenance/",
        "rules": "/rules/",
        "audit": "/audit/",
        "audit-record": "/audit/?record=5",
    }
    for name, path in shown.items():
        shoot(browser, console, name, path, state=state)
    own = sending.mapped(browser, console)
    telling.connect(console, snow)
    telling.look(browser, console, own)
    for name, path in sending.SHOWN:
        shoot(browser, console, name, path, state=own)
    sign(page, console, request)
    shoot(browser, console, "approve-signed", f"/approvals/{request}/", state=state)
    for name, path in telling.SHOWN:
        shoot(browser, console, name, path, state=own)
    shoot(browser, console, "not-found", "/incidents/404404/", state=state)


def enrolled(browser: Browser, console: Embedded, handle: str) -> Page:
    """A page of somebody who has enrolled a passkey."""
    page = browser.new_context(base_url=console.url).new_page()
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
    page.goto(console.links[handle])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    page.goto("/keys/")
    page.fill("#label", "Laptop passkey")
    page.click("#enrol-go")
    page.locator("#mine b", has_text="Laptop passkey").wait_for()
    return page


def sign(page: Page, console: Embedded, request: int) -> None:
    """Read to the end, sign, and wait until it has run."""
    page.goto(f"{console.url}/approvals/{request}/")
    page.locator("#words span").nth(5).wait_for()
    while not page.locator("#approve").is_visible():
        page.click("#read-on")
        page.wait_for_timeout(200)
    page.click("#approve")
    page.locator(".banner-ink").wait_for()
    page.wait_for_timeout(3000)


def shoot(browser: Browser, console: Embedded, name: str, path: str, state=None, *, signed_in: bool = True) -> None:
    """One page in its four forms."""
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                storage_state=state if signed_in else None,
                reduced_motion="reduce",
            )
            page: Page = context.new_page()
            page.goto(f"{console.url}{path}")
            page.wait_for_timeout(600)
            whole = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(height, whole)})
            page.wait_for_timeout(200)
            page.screenshot(path=HERE / f"{name}-{size}-{theme}.png")
            context.close()


if __name__ == "__main__":
    main()
