"""The fake Jira of the lab, a client of ours for it, and both connected."""

import json

import pytest

from connectors.jira.client import Jira
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.connect import connect
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from incidents.models import Incident
from lab.jira.site import EMAIL, PAT, TOKEN
from tests.connectors.servicenow.conftest import analyzed, facts_of, incident, shifted, tell
from tests.lab.jira.conftest import ask, running

__all__ = ["analyzed", "ask", "facts_of", "incident", "running", "shifted", "tell"]

BASIC = {"user": EMAIL, "token": TOKEN}
BEARER = {"token": PAT}
CLOUD = {"deployment": "cloud", "project": "OPS", "timeout_s": 5}


@pytest.fixture
def client(ask):
    return Jira({"url": ask.server.url, **CLOUD}, BASIC)


@pytest.fixture
def bonded(db, ask):
    """Make a connection to the fake; what happens from then on is told there."""

    def make(secret=None, **config):
        told = {"url": ask.server.url, **CLOUD, **config}
        return connect("jira", "jira", "", told, secret or BASIC, actor=SYSTEM)

    return make


@pytest.fixture
def issues(ask):
    """All issues past the API, each with its comments."""
    return lambda: ask.control("issues").json()["issues"]


@pytest.fixture
def asked(ask):
    """What was asked of the fake, as `METHOD what`."""
    return lambda: [f"{one['method']} {one['path'].split('/')[-1]}" for one in ask.server.site.asked]


@pytest.fixture
def act(ask):
    """What somebody does in their own pages."""
    return lambda **said: ask.control("act", **said).json()["result"]


@pytest.fixture
def later(ask, shifted):
    """Let time pass here and there."""
    moved = [0.0]

    def forward(seconds):
        moved[0] += seconds
        shifted(seconds)
        ask.control("time", shift_s=moved[0])

    return forward


@pytest.fixture
def source(db):
    return add_source("jira", "Jira", actor=SYSTEM).source


@pytest.fixture
def from_webhook(source):
    """What Jira posts when an issue was made; returns the latest incident."""

    def post(issue, event="jira:issue_created"):
        accept(source, json.dumps({"webhookEvent": event, "issue": issue}).encode(), headers={})
        drain(actor=INTAKE)
        return Incident.objects.order_by("-pk").first()

    return post
