"""The fake ServiceNow of the lab, and a client of ours for it."""

import pytest

from connectors.servicenow import tokens
from connectors.servicenow.client import ServiceNow
from lab.servicenow.instance import CLIENT, INTEGRATION, PASSWORD
from tests.lab.servicenow.conftest import ask, running

__all__ = ["ask", "running"]

BASIC = {"user": INTEGRATION, "password": PASSWORD}
OAUTH = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}


@pytest.fixture
def client(ask):
    return ServiceNow({"url": ask.server.url, "timeout_s": 5}, BASIC)


@pytest.fixture
def by_token(ask):
    tokens._tokens.clear()
    ask.control("habits", auth="oauth")
    return ServiceNow({"url": ask.server.url, "timeout_s": 5}, OAUTH)


@pytest.fixture
def rows(ask):
    """The rows of a table, past the API."""
    return lambda table, query="": ask.server.instance.store.select(table, query)


@pytest.fixture
def asked(ask):
    """What was asked of the fake, as `METHOD table`."""
    return lambda: [f"{one['method']} {one['path'].split('/')[-1][:20]}" for one in ask.server.instance.asked]
