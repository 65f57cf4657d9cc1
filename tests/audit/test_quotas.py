"""Whoever floods the ledger fills a few entries and then a roll-up a minute; decisions pass the flood."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError

from audit import ledger, quotas, tasks
from audit.models import Entry, Leaf
from audit.selectors import facts_of
from audit.services.record_refusal import record_refusal
from audit.services.roll_up import roll_up
from audit.services.sequence import sequence
from core import clock
from core.actors import Actor

pytestmark = pytest.mark.django_db(transaction=True)

MALLORY = Actor(id="person:mallory")


@pytest.fixture(autouse=True)
def nobody_counted_yet(monkeypatch):
    """The meter lives as long as the process, and so would the counts of other tests."""
    monkeypatch.setattr(quotas, "strangers", quotas.Meter())


@pytest.fixture
def later(monkeypatch):
    """Move the clock on."""
    real = clock.now
    moved = timedelta()

    def on(step):
        nonlocal moved
        moved += step
        monkeypatch.setattr(clock, "now", lambda: real() + moved)

    return on


def refuse(times, actor=MALLORY):
    return [
        record_refusal("decision.refused", actor=actor, subject="request:1", facts={"why": "no"}) for _ in range(times)
    ]


def told():
    return [facts_of(entry) for entry in Entry.objects.filter(verb="refusals.counted").order_by("id")]


def test_twenty_refusals_an_hour_get_an_entry_each_and_the_rest_one_together(later):
    assert refuse(200) == [True] * 20 + [False] * 180
    assert roll_up() == 0, "not before its minute is over"
    later(timedelta(minutes=1))

    assert roll_up() == 1
    assert roll_up() == 0
    assert Entry.objects.filter(verb="decision.refused").count() == 20
    assert [(one["what"], one["count"]) for one in told()] == [("decision.refused", 180)]
    assert Entry.objects.get(verb="refusals.counted").subject == "person:mallory"


def test_after_an_hour_they_are_recorded_again(later):
    refuse(25)
    later(timedelta(hours=1))
    roll_up()

    assert refuse(1) == [True]


def test_one_persons_flood_does_not_use_up_anothers(later):
    refuse(30)

    assert refuse(1, Actor(id="person:ben")) == [True]
    later(timedelta(minutes=1))
    assert roll_up() == 1


def test_strangers_get_one_roll_up_a_minute_however_many_they_are(later):
    meter = quotas.strangers
    for _ in range(5_000):
        meter.count("delivery.refused", "intake:hooks")
    meter.flush()
    later(timedelta(minutes=1))
    tasks.tell_refusals()

    assert [one["count"] for one in told()] == [5_000]
    assert Entry.objects.count() == 1


def test_counting_strangers_writes_once_a_second_at_most(django_assert_max_num_queries):
    meter = quotas.Meter()
    with django_assert_max_num_queries(15):
        for _ in range(1_000):
            meter.count("delivery.refused", "intake:hooks")


def test_a_refusal_does_not_fail_because_it_cannot_be_counted(monkeypatch, caplog):
    def broken(*_):
        raise DatabaseError

    meter = quotas.Meter()
    monkeypatch.setattr(quotas, "_hold_back", broken)
    meter.count("delivery.refused", "intake:hooks")

    assert "refusals not counted" in caplog.text


def test_many_names_do_not_fill_the_memory(monkeypatch):
    meter = quotas.Meter()
    monkeypatch.setattr(quotas, "_hold_back", lambda *_: None)
    meter._flushed = quotas.time.monotonic() + 60
    for number in range(2 * quotas.MOST_NAMES):
        meter.count("delivery.refused", f"source:{number}")

    assert len(meter._counts) == quotas.MOST_NAMES


def test_a_decision_is_signed_over_while_a_flood_waits(note):
    for number in range(60):
        note(number, verb="alert.fired")
    note(99, verb="decision.recorded")
    note(99, verb="run.intended")

    assert sequence(batch=10) == 10
    verbs = list(Leaf.objects.order_by("seq").values_list("entry__verb", flat=True))
    assert verbs[:2] == ["decision.recorded", "run.intended"]


def test_a_flood_of_writers_does_not_hold_up_a_decision(note, in_threads):
    """Bounded and small; benchmarks/ledger.py measures it with thousands."""
    done = threading.Event()
    waited = []

    def flood(start):
        for number in range(40):
            note(start + number, verb="alert.fired")

    def place():
        while not done.is_set():
            sequence(batch=20)

    def decide():
        for number in range(5):
            entry = note(number, verb="decision.recorded")
            began = clock.now()
            while not Leaf.objects.filter(entry=entry).exists():
                pass
            waited.append((clock.now() - began).total_seconds())
        done.set()

    in_threads(lambda: flood(0), lambda: flood(1_000), place, decide)
    assert max(waited) < 10
    assert ledger.timeline("test:0")
