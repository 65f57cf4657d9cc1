"""axe-core finds nothing on the inbox, the signing page, the trail and pages of intake: wide, narrow, light, dark."""

import pytest

from tests.console.browsing import WIDE
from tests.node import cached, npm_install

pytestmark = pytest.mark.browser
PACKAGES = {"axe-core": "4.14.1"}
PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATHS = ("/approvals/", "/approvals/?view=decided", "/approvals/1/", "/audit/", "/audit/?record=3", "/audit/?text=none")
MAPPED = """
from core.actors import SYSTEM
from connectors.services.add_source import add_source
from connectors.services.accept import accept
from connectors.services.drain import drain
accept(add_source("mapped", "Batch", actor=SYSTEM).source, b'{"job": "a", "list": [{"x": 1}]}', headers={})
from people.services.grant_role import grant_role
drain(actor=SYSTEM)
grant_role("ben", "admin", actor=SYSTEM)
from connectors.services.add_webhook import add_webhook
from connectors.services.pause_webhook import pause_webhook
add_webhook("chat", "https://1.1.1.1/hook", ["incident.*"], actor=SYSTEM)
add_webhook("off", "https://1.1.1.1/hook", ["*"], actor=SYSTEM)
pause_webhook("off", actor=SYSTEM)
from core import clock
from connectors.models import Connection, ServiceImport
row = {"slug": "pay", "name": "Pay", "environment": "lab", "criticality": "normal", "team": "", "needs": [], "what": []}
ServiceImport.objects.create(
    connection=Connection.objects.get(name="snow"), asked_by="system", state="READY", found=[{**row, "kind": "new"}],
    left=["No name."], began_at=clock.now(), looked_at=clock.now(),
)
"""
WINDOWS = """
from datetime import timedelta
from core import clock
from incidents.models import Dependency
from incidents.services.apply_rules import apply_rules
from incidents.services.open_window import WindowPlan, open_window
soon = clock.now() + timedelta(hours=2)
open_window(WindowPlan(why="New disks.", until=soon, services=("inventory",)), actor=SYSTEM)
open_window(WindowPlan(kind="freeze", why="Year end.", until=soon, environment="lab"), actor=SYSTEM)
Dependency.objects.create(caller="payments", callee="card-network")
apply_rules('[{name: quiet, when: "true", ignore: true, sentence: s}]', actor=SYSTEM)
"""
INTAKE = (
    "/sources/",
    "/sources/batch/",
    "/sources/batch/mapping/",
    "/webhooks/",
    "/webhooks/chat/",
    "/webhooks/chat/deliveries/",
    "/connections/snow/",
    "/dead-letters/",
    "/services/",
    "/services/?service=card-network&view=reached",
    "/maintenance/",
    "/maintenance/1/",
    "/rules/",
    "/incidents/1/",
)


@pytest.fixture(scope="module")
def axe():
    """The program, as npm gives it."""
    return (npm_install(cached(PACKAGES), PACKAGES) / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def look_at(console, chromium, axe):
    """Opens a page as somebody and says what axe finds; the page's own policy would keep axe out, so it is lifted."""

    def opened(handle, size, theme):
        context = chromium.new_context(
            viewport=size, color_scheme=theme, base_url=console.url, bypass_csp=True, reduced_motion="reduce"
        )
        cookie = {"name": "sessionid", "value": console.seed("session", handle), "url": console.url}
        context.add_cookies([cookie])
        return context.new_page()

    def found(page):
        page.evaluate(axe)
        told = page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES)
        return [f"{one['id']}: {node['html'][:160]}" for one in told["violations"] for node in one["nodes"]]

    return opened, found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_have_no_violation(look_at, console, size, theme):
    opened, found = look_at
    console.python(f"from tests.approvals.cast import member\nmember('ben')\nmember('cleo')\n{MAPPED}{WINDOWS}")
    page = opened("ben", size, theme)
    told = {}
    intake = INTAKE if (size == WIDE) == (theme == "light") else ()
    for path in (*PATHS, *intake):
        page.goto(path)
        page.wait_for_timeout(200)
        told[path] = found(page)
    assert {path: problems for path, problems in told.items() if problems} == {}


def test_the_dialogs_have_none_either(look_at, console):
    opened, found = look_at
    console.python(f"from core.actors import SYSTEM\n{WINDOWS}")
    page = opened("ada", WIDE, "light")
    page.goto("/maintenance/")
    page.get_by_role("button", name="Extend").first.click()
    assert found(page) == []
    told = {}
    console.python(MAPPED)
    for handle, path, names in (
        ("dan", "/audit/", ("export", "walk", "hold", "keymap")),
        ("ben", "/webhooks/off/", ("resume", "rotate", "remove")),
    ):
        page = opened(handle, WIDE, "light")
        page.goto(path)
        for name in names:
            page.evaluate("(id) => document.getElementById(id).showModal()", name)
            told[name] = found(page)
            page.evaluate("(id) => document.getElementById(id).close()", name)
    assert {name: problems for name, problems in told.items() if problems} == {}
