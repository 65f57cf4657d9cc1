"""The fake ServiceNow of the lab, a client of ours for it, and both connected."""

import pytest
from django.db import transaction

from audit import ledger
from audit.models import Entry
from audit.services.sequence import sequence_all
from connectors.servicenow import tokens
from connectors.servicenow.client import ServiceNow
from connectors.services.add_source import add_source
from connectors.services.connect import connect
from connectors.services.drain import drain
from connectors.services.tell_outside import tell_outside
from core import clock
from core.actors import INTAKE, SYSTEM
from incidents.events import AlertEvent, Severity, Status
from incidents.models import Incident
from incidents.services.fold import fold
from lab.servicenow.instance import CLIENT, INTEGRATION, PASSWORD
from proof import canonical
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


@pytest.fixture
def shifted(monkeypatch):
    """Move our clock forward by so many seconds, once more each time."""
    moved = [0.0]

    def forward(seconds):
        moved[0] += seconds
        monkeypatch.setenv(clock.SHIFT_VARIABLE, str(moved[0]))

    return forward


@pytest.fixture
def bonded(db, ask):
    """Make a connection to the fake; what happens from then on is told there."""

    def make(**config):
        told = {"url": ask.server.url, "timeout_s": 5, "user_name": INTEGRATION, **config}
        return connect("servicenow", "snow", "", told, BASIC, actor=SYSTEM)

    return make


@pytest.fixture
def cmdb(ask):
    """Three services, of which one needs the two others, and a group."""

    def put(table, **values):
        return ask.control("record", by="fred.luddy", table=table, values=values, sys_id="").json()["result"]["sys_id"]

    group = put("sys_user_group", name="Payments Team")
    kinds = {name: put("cmdb_rel_type", name=name) for name in ("Depends on::Used by", "Contains::Contained by")}

    class Cmdb:
        def __init__(self):
            self.made = {}

        def service(self, name, **values):
            self.made[name] = put("cmdb_ci_service", name=name, **values)

        def relate(self, parent, child, kind="Depends on::Used by"):
            put("cmdb_rel_ci", parent=self.made[parent], child=self.made[child], type=kinds[kind])

    made = Cmdb()
    made.service("Card Payments", used_for="Production", support_group=group, busines_criticality="1 - most critical")
    made.service("Acquirer")
    made.service("Ledger Disk")
    made.relate("Card Payments", "Acquirer")
    made.relate("Card Payments", "Ledger Disk", "Contains::Contained by")
    return made


@pytest.fixture
def incident(db):
    """Open an incident as an alert does."""

    def fire(title="Checkout fails", fingerprint="1", source="shop", severity=Severity.CRITICAL):
        now = clock.now()
        event = AlertEvent(
            event_id=fingerprint,
            delivery_id=fingerprint,
            source=source,
            fingerprint=f"v1:{fingerprint}",
            status=Status.FIRING,
            severity=severity,
            title=title,
            at=now,
            received_at=now,
            service=f"service-{fingerprint}",
        )
        fold(event, source_autonomy="observe", actor=INTAKE)
        return Incident.objects.order_by("-pk").first()

    return fire


@pytest.fixture
def tell():
    """Give everything its place in the ledger, then do what is due."""

    def work():
        sequence_all()
        return tell_outside()

    return work


@pytest.fixture
def analyzed(db):
    """Note that the cause of an incident was found."""

    def note(incident):
        with transaction.atomic():
            ledger.append(
                actor=SYSTEM,
                verb="remediation.analyzed",
                subject="remediation:1",
                facts={"best": "A bad change"},
                about=[incident.subject],
            )

    return note


@pytest.fixture
def facts_of(db):
    """The particulars of all entries of a verb."""
    return lambda verb: [canonical.loads(bytes(one.facts)) for one in Entry.objects.filter(verb=verb).order_by("pk")]


@pytest.fixture
def source(db):
    return add_source("servicenow", "Snow", actor=SYSTEM).source


@pytest.fixture
def both(bonded, source):
    """Connected both ways, and read whenever it is asked."""

    def make(**config):
        return bonded(**{"source": source.slug, "poll_s": 0, **config})

    return make


@pytest.fixture
def act(ask):
    """What somebody does in their own pages."""

    def do(values, sys_id="", by="fred.luddy"):
        told = {"by": by, "table": "incident", "values": values, "sys_id": sys_id}
        return ask.control("record", **told).json()["result"]

    return do


@pytest.fixture
def turn(tell):
    def do():
        tell()
        drain(actor=INTAKE)
        tell()

    return do
