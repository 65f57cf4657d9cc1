"""Deliveries in any order, late, twice, with clocks that lie: the alert ends as what happened, not what came last."""

import itertools
import json

import pytest

from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from incidents.models import Alert, Incident

pytestmark = pytest.mark.django_db

FIRED, ENDED, FIRED_AGAIN, ENDED_AGAIN = (f"2026-03-01T12:{minute}:00Z" for minute in ("00", "05", "10", "15"))


@pytest.fixture
def source():
    return add_source("generic", "Scripts", actor=SYSTEM).source


@pytest.fixture
def tell(source):
    def send(*told, at_once=False):
        for one in told:
            accept(source, json.dumps(one).encode(), headers={})
            if not at_once:
                drain(actor=INTAKE)
        drain(actor=INTAKE)

    return send


def firing(at=FIRED, **more):
    return {"title": "Disk full", "dedup_key": "k", "service": "shop", "status": "firing", "starts_at": at, **more}


def resolved(start=FIRED, end=ENDED, **more):
    return {**firing(start), "status": "resolved", "ends_at": end, **more}


def statuses():
    return list(Alert.objects.order_by("id").values_list("status", flat=True))


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_episode_ends_resolved_in_whatever_order_it_comes(tell, order, at_once):
    told = [firing(), firing(), resolved()]

    tell(*[told[number] for number in order], at_once=at_once)

    assert statuses() == ["resolved"]
    assert Alert.objects.get().count == 3
    assert Incident.objects.count() == (0 if order[0] == 2 else 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_fires_again_fires_at_the_end_whatever_came_before_what(tell, order):
    told = [firing(), resolved(), firing(FIRED_AGAIN)]

    tell(*[told[number] for number in order])

    assert statuses()[-1] == "firing"
    assert statuses().count("firing") == 1


def test_a_late_resolve_of_the_first_episode_leaves_the_second(tell):
    tell(firing(FIRED_AGAIN), resolved())

    assert statuses() == ["firing"]


def test_both_episodes_late_and_mixed_end_resolved(tell):
    tell(resolved(FIRED_AGAIN, ENDED_AGAIN), firing(FIRED_AGAIN), resolved(), firing())

    assert set(statuses()) == {"resolved"}
    assert not Incident.objects.exists()


def test_the_same_delivery_ten_times_is_one_alert_and_one_incident(tell):
    tell(*[firing()] * 10)

    assert (Alert.objects.get().count, Incident.objects.count()) == (10, 1)


def test_a_batch_with_several_transitions_of_one_alert_is_read_in_its_order(tell):
    tell({"alerts": [firing(), resolved(), firing(FIRED_AGAIN), resolved(FIRED_AGAIN, ENDED_AGAIN)]})

    assert statuses() == ["resolved", "resolved"]


@pytest.mark.parametrize("lie", ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "99999-99-99", "soon", -1])
def test_a_lying_clock_neither_loses_an_alert_nor_keeps_it_open(tell, lie):
    tell(firing(lie))
    assert statuses() == ["firing"]

    tell(resolved(lie, lie))

    assert statuses() == ["resolved"]


def test_one_firing_with_a_date_far_ahead_does_not_shut_out_what_comes_later(tell):
    tell(firing("2099-01-01T00:00:00Z"), {**resolved(), "starts_at": None, "ends_at": None})

    assert statuses() == ["resolved"]


def test_an_alert_without_any_time_is_ordered_by_when_it_came(tell):
    bare = {"title": "Disk full", "dedup_key": "k"}

    tell({**bare, "status": "firing"}, {**bare, "status": "resolved"}, {**bare, "status": "firing"})

    assert statuses() == ["resolved", "firing"]
