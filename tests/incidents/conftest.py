"""The cast and the events of the incident tests."""

from datetime import UTC, datetime, timedelta

import pytest

from core.actors import INTAKE, SYSTEM, Actor
from incidents.events import AlertEvent, Severity, Status
from incidents.services.fold import fold
from incidents.services.register_service import ServiceEntry, register_service

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADA = Actor(id="person:ada", roles=frozenset({"operator"}))
BEN = Actor(id="person:ben", roles=frozenset({"operator"}))
DAN = Actor(id="person:dan", roles=frozenset({"manager"}))
MALLORY = Actor(id="person:mallory")


@pytest.fixture
def ada():
    return ADA


@pytest.fixture
def ben():
    return BEN


@pytest.fixture
def dan():
    return DAN


@pytest.fixture
def mallory():
    return MALLORY


@pytest.fixture
def t0():
    return T0


@pytest.fixture
def event():
    """Make an event: `event("a", seconds after T0)`."""

    def make(name="a", after_s=0, *, status="firing", service="checkout", severity="warning", **more):
        at = T0 + timedelta(seconds=after_s)
        values = {
            "event_id": f"e-{name}-{after_s}",
            "delivery_id": f"d-{after_s}",
            "source": "shop",
            "fingerprint": f"v1:{name}",
            "title": f"{name} hurts a lot",
            "starts_at": at if status == "firing" else None,
            "at": at,
            "received_at": at,
            "environment": "lab",
        }
        return AlertEvent(status=Status(status), severity=Severity(severity), service=service, **(values | more))

    return make


@pytest.fixture
def tell():
    """Fold an event as the intake does."""

    def told(event, autonomy="act"):
        return fold(event, source_autonomy=autonomy, actor=INTAKE)

    return told


@pytest.fixture
def shop(db):
    """gateway → checkout → payments and inventory, all in the lab."""
    depends = {"gateway": ("checkout",), "checkout": ("payments", "inventory"), "payments": (), "inventory": ()}
    for slug, needs in depends.items():
        entry = ServiceEntry(slug=slug, name=slug.title(), environment="lab", autonomy="act", depends_on=needs)
        register_service(entry, actor=SYSTEM)
    return depends


@pytest.fixture
def verbs():
    """The ledger's verbs so far, in order, about one subject or at all."""

    def told(subject=None):
        from audit.models import Entry

        entries = Entry.objects.order_by("id")
        return list((entries.filter(mentions__subject=subject) if subject else entries).values_list("verb", flat=True))

    return told
