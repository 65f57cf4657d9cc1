"""Importing services in a real browser, from the lab's ServiceNow: looked at first, then entered."""

import json

import pytest
from playwright.sync_api import expect

from lab.servicenow.instance import INTEGRATION, PASSWORD
from tests.console.browsing import Seeded
from tests.console.test_sources_browser import oda
from tests.lab.servicenow.conftest import ask, running

__all__ = ["ask", "oda", "running"]

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
CONNECT = """
from connectors.services.connect import connect
from core.actors import SYSTEM
connect("servicenow", "snow", "", {config}, {account}, actor=SYSTEM)
"""
GO_ON = "from connectors.services.go_on_importing import go_on_importing\ngo_on_importing()"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    return Seeded(tmp_path_factory.mktemp("connections"), "empty")


@pytest.fixture
def snow(console, ask):
    """A ServiceNow with two services, connected."""
    for name in ("Card Payments", "Acquirer"):
        ask.control("record", by="fred.luddy", table="cmdb_ci_service", values={"name": name}, sys_id="")
    config = json.dumps({"url": ask.server.url, "timeout_s": 5, "user_name": INTEGRATION})
    console.python(CONNECT.format(config=config, account=json.dumps({"user": INTEGRATION, "password": PASSWORD})))
    return ask


def test_services_are_looked_at_and_then_entered(oda, console, snow):
    oda.goto("/sources/")
    oda.get_by_role("link", name="services from its CMDB").click()
    oda.wait_for_url("**/connections/snow/#import")
    oda.get_by_role("button", name="Import services from the CMDB").click()
    expect(oda.locator("#import")).to_contain_text("Reading the list of services.")
    console.python(GO_ON)
    oda.reload()
    expect(oda.locator("#import")).to_contain_text("2 would be added.")
    oda.set_viewport_size(PHONE)
    assert oda.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    oda.get_by_role("button", name="Enter them into the catalogue").click()
    expect(oda.locator("#import")).to_contain_text("Went through 0 of 2 services.")
    console.python(GO_ON)
    oda.reload()
    expect(oda.locator("#import")).to_contain_text("2 were added.")
    oda.get_by_role("link", name="Card Payments").click()
    oda.wait_for_url("**/services/?service=card-payments")

    snow.control("habits", down=True)
    oda.goto("/connections/snow/")
    oda.get_by_role("button", name="Look again").click()
    expect(oda.locator("#import")).to_contain_text("Reading the list of services.")
    console.python(GO_ON)
    oda.reload()
    expect(oda.get_by_role("alert")).to_contain_text("It broke off. ServiceNow answered 503")
    assert oda.complaints == []


def test_what_goes_on_before_the_page_is_live_shows_all_the_same(oda, console, snow):
    oda.goto("/connections/snow/")

    def late(route):
        """The page was made, and its line is not open yet."""
        console.python(GO_ON)
        route.continue_()

    oda.route("**/js/live*.js", late)
    oda.get_by_role("button", name="Import services from the CMDB").click()

    expect(oda.locator("#import")).to_contain_text("2 would be added.")
    assert oda.complaints == []
