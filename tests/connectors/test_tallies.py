"""Deliveries counted by source and span of ten minutes."""

from collections import Counter
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace

import pytest

from connectors import tallies
from connectors.models import Delivery, DeliveryState, Tally
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from connectors.services.replay import replay, replay_dead
from core import clock
from core.actors import INTAKE, SYSTEM

migration = import_module("connectors.migrations.0010_tallies")
pytestmark = pytest.mark.django_db

GOOD = b'{"title": "Disk full", "status": "firing"}'
ODD = b'{"title": "Disk full", "status": "wobbling"}'
DEAD = b'{"status": "firing"}'


@pytest.fixture
def endpoint(db):
    return add_source("generic", "Scripts", actor=SYSTEM)


@pytest.fixture
def deliver(endpoint):
    def send(*bodies):
        return [accept(endpoint.source, body, headers={"content-type": "application/json"}) for body in bodies]

    return send


def told():
    return [(row.count, row.dead, row.unclassified) for row in Tally.objects.order_by("at")]


def counted():
    """The same by looking at every delivery."""
    found = {}
    for delivery in Delivery.objects.exclude(state=DeliveryState.WAITING):
        each = found.setdefault((delivery.source_id, tallies.span_of(delivery.received_at)), Counter())
        each["count"] += 1
        each["dead"] += delivery.state == DeliveryState.DEAD
        each["unclassified"] += tallies.is_unclassified(delivery)
    return {key: (each["count"], each["dead"], each["unclassified"]) for key, each in found.items()}


def as_told():
    rows = Tally.objects.filter(count__gt=0)
    return {(row.source_id, row.at): (row.count, row.dead, row.unclassified) for row in rows}


@pytest.mark.parametrize(
    ("at", "begin"), [("02:00:00", "02:00"), ("02:09:59.999999", "02:00"), ("02:10:00", "02:10"), ("23:59:59", "23:50")]
)
def test_a_span_begins_every_ten_minutes(at, begin):
    moment = datetime.fromisoformat(f"2026-03-01T{at}+00:00")

    assert tallies.span_of(moment) == datetime.fromisoformat(f"2026-03-01T{begin}+00:00")


def test_what_was_read_is_counted_with_what_became_of_it(deliver):
    deliver(GOOD, ODD, DEAD, GOOD)
    assert told() == []

    drain(actor=INTAKE)
    assert as_told() == counted()
    assert sum(count for count, _, _ in told()) == 4


def test_each_span_has_its_own_count(endpoint):
    read = [
        Delivery(source=endpoint.source, received_at=datetime(2026, 3, 1, 12, minute, tzinfo=UTC), state="DONE")
        for minute in (1, 9, 11)
    ]
    tallies.count_in(read)

    assert told() == [(2, 0, 0), (1, 0, 0)]


def test_what_is_read_again_is_counted_once_as_what_it_became(deliver):
    sent = deliver(GOOD, DEAD)
    drain(actor=INTAKE)
    before = told()

    replay(sent[0].uid, actor=SYSTEM)
    replay_dead(sent[1].source.slug, actor=SYSTEM)
    assert told() == [(0, 0, 0)]
    drain(actor=INTAKE)

    assert told() == before
    assert as_told() == counted()


def test_a_span_that_another_worker_began_meanwhile_is_added_to(endpoint, monkeypatch):
    made = Delivery(source=endpoint.source, received_at=clock.now(), state=DeliveryState.DONE)
    add, asked = tallies._add, []

    def add_too_early(*told):
        asked.append(told)
        if len(asked) == 1:
            Tally.objects.create(source=endpoint.source, at=told[1], count=5)
            return 0
        return add(*told)

    monkeypatch.setattr(tallies, "_add", add_too_early)
    tallies.count_in([made])

    assert told() == [(6, 0, 0)]


def test_what_was_read_before_there_were_tallies_is_counted_when_they_come(deliver):
    deliver(GOOD, ODD, DEAD)
    drain(actor=INTAKE)
    deliver(GOOD)
    before = as_told()
    Tally.objects.all().delete()
    models = {"Tally": Tally, "Delivery": Delivery}

    migration.count(SimpleNamespace(get_model=lambda _app, name: models[name]), None)
    assert as_told() == before
