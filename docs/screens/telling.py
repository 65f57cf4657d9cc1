"""What an installation tells others: webhooks, one of them in trouble, and a ServiceNow with services in its CMDB."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from playwright.sync_api import Browser

from lab.servicenow.instance import INTEGRATION, PASSWORD
from lab.servicenow.server import Server
from tests.scenarios.installations import Embedded

REFUSED = b'"type":"countersign.request.'
CATALOGUE = {
    "Payments": ("1 - most critical", "Store Platform"),
    "Inventory": ("2 - somewhat critical", "Warehouse"),
    "Card Acquirer": ("1 - most critical", "Store Platform"),
    "Settlement": ("2 - somewhat critical", "Finance Systems"),
    "Gift Cards": ("3 - less critical", "Store Platform"),
}
NEEDS = (("Payments", "Card Acquirer"), ("Settlement", "Payments"), ("Gift Cards", "Payments"))
SHOWN = (
    ("webhooks", "/webhooks/"),
    ("webhook", "/webhooks/on-call/"),
    ("webhook-deliveries", "/webhooks/chat/deliveries/"),
    ("connection", "/connections/snow/"),
)


class Heard(BaseHTTPRequestHandler):
    """Takes what it is told; at `/on-call` it falls over once somebody is asked for a signature."""

    def do_POST(self) -> None:
        """Answer 204, or 503."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if self.path == "/on-call" and REFUSED in body else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    """Let it answer; its address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def neighbours() -> Iterator[tuple[str, str]]:
    """Whoever is told, and a ServiceNow; their addresses."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Heard)) as heard, serving(Server()) as snow:
        yield heard, snow


def tell(console: Embedded, heard: str) -> None:
    """Webhooks from now on: two that hear, and one that somebody paused."""
    add = ("webhook", "add")
    console.manage(*add, "chat", f"{heard}/chat", "--events", "incident.*", "request.*", "remediation.*", "run.*")
    console.manage(*add, "on-call", f"{heard}/on-call", "--events", "incident.*", "request.*", "alarm.*")
    console.manage(*add, "data-lake", f"{heard}/data-lake", "--events", "*")
    console.manage("webhook", "pause", "data-lake")


def connect(console: Embedded, snow: str) -> None:
    """Connect the ServiceNow, which knows some services of ours and some that we do not know."""
    fill(snow)
    config, account = console.folder / "snow.json", console.folder / "account.json"
    write(config, {"url": snow, "user_name": INTEGRATION, "poll_s": 30})
    write(account, {"user": INTEGRATION, "password": PASSWORD})
    console.manage("servicenow", "connect", "--name", "snow", "--config", str(config), "--secret", str(account))


def look(browser: Browser, console: Embedded, state) -> None:
    """Look what its CMDB has, as somebody does who has not entered it yet."""
    page = browser.new_context(base_url=console.url, storage_state=state).new_page()
    page.goto("/connections/snow/")
    page.get_by_role("button", name="Import services from the CMDB").click()
    page.get_by_role("button", name="Enter them into the catalogue").wait_for()
    page.context.close()


def fill(snow: str) -> None:
    """What people keep in its CMDB."""

    def kept(table: str, **values: str) -> str:
        told = {"by": "fred.luddy", "table": table, "values": values, "sys_id": ""}
        answer = httpx.post(f"{snow}/lab/record", json=told, timeout=10).raise_for_status()
        return str(answer.json()["result"]["sys_id"])

    groups = {name: kept("sys_user_group", name=name) for name in sorted({team for _, team in CATALOGUE.values()})}
    made = {
        name: kept("cmdb_ci_service", name=name, used_for="Lab", busines_criticality=how, support_group=groups[team])
        for name, (how, team) in CATALOGUE.items()
    }
    needs, sends = (
        kept("cmdb_rel_type", name=name) for name in ("Depends on::Used by", "Sends data to::Receives data from")
    )
    for caller, callee in NEEDS:
        kept("cmdb_rel_ci", parent=made[caller], child=made[callee], type=needs)
    kept("cmdb_rel_ci", parent=made["Payments"], child=made["Settlement"], type=sends)  # no dependency


def write(file: Path, told: dict[str, object]) -> None:
    """A file for a command."""
    file.write_text(json.dumps(told), encoding="utf-8")
