"""A source to look at: something nobody knows sends, and what it sends is mapped in the browser."""

import json

from playwright.sync_api import Browser

from tests.scenarios.installations import Embedded

LATE = {
    "job": "settlement-eu",
    "state": "LATE",
    "run_id": "r-20261120-0330",
    "ctx": {"svc": "ledger-export", "env": "prod-eu-1", "shard": 14},
    "msg": "no file by 03:30",
    "ts": "2026-11-20T03:44:02Z",
}
FIELDS = {
    "title": "msg",
    "service": "ctx.svc",
    "environment": "ctx.env",
    "starts_at": "ts",
    "fingerprint": "job, ctx.env, ctx.shard",
    "status": "state",
    "status_words": "LATE = firing\nDONE = resolved\nSKIPPED = suppressed",
    "severity": "level",
}
SHOWN = (
    ("sources", "/sources/"),
    ("source", "/sources/settlement-batch/"),
    ("dead-letters", "/dead-letters/"),
    ("mapping", "/sources/settlement-batch/mapping/"),
)


def mapped(browser: Browser, console: Embedded):
    """Make it, as somebody who may; the state of their browser."""
    told = json.loads(console.manage("source", "add", "mapped", "--name", "Settlement batch", "--json"))
    page = browser.new_context(base_url=console.url).new_page()
    for over in ({"state": "RETRIED"}, {}):
        page.request.post(told["url"], data=json.dumps({**LATE, **over}), headers={"Content-Type": "application/json"})
    page.goto(console.links["owner"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    page.goto("/sources/settlement-batch/mapping/")
    for name, text in FIELDS.items():
        page.fill(f"#m-{name}", text)
    page.click("#put")
    page.wait_for_load_state()
    for over in ({"job": "settlement-us", "state": "RETRIED"}, {"job": "settlement-us"}):
        page.request.post(told["url"], data=json.dumps({**LATE, **over}), headers={"Content-Type": "application/json"})
    page.wait_for_timeout(2000)
    return page.context.storage_state()
