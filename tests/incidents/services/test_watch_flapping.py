"""Flapping: one incident that stays open with a note, not one for each time."""

from datetime import timedelta

import pytest

from agents.services.follow import notice
from audit.models import Entry
from audit.services.follow import FollowedEntry
from core import clock
from core.actors import INTAKE, MONITOR
from incidents.desk import Desk
from incidents.models import Alert, Flapping, Incident
from incidents.services.resolve_if_quiet import resolve_if_quiet
from incidents.services.watch_flapping import calm_due, unquiet, watch_flapping
from incidents.tasks import reconcile
from proof import canonical

pytestmark = pytest.mark.django_db


@pytest.fixture
def flap(event, tell, monkeypatch, t0):
    """Fire and resolve in turn, a minute apart, and do what the monitor does about it."""

    def go(times, *, begin=0):
        for number in range(begin, begin + times):
            monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(minutes=number))  # noqa: B023 -- used at once
            alert = tell(event("a", 60 * number, status="resolved" if number % 2 else "firing"))
            if number % 2 and alert.incident_id:
                resolve_if_quiet(alert.incident_id, actor=MONITOR)
        return Alert.objects.order_by("-id").first()

    return go


@pytest.fixture
def jump(monkeypatch, t0):
    def to(minutes):
        monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(minutes=minutes))

    return to


def test_below_the_limit_each_is_followed_as_ever(flap):
    flap(5)

    assert (Incident.objects.count(), Flapping.objects.count()) == (3, 0)


def test_from_the_limit_on_one_incident_stays_open_with_a_note(flap, verbs):
    alert = flap(20)

    assert (Incident.objects.count(), alert.is_flapping, alert.status) == (3, True, "resolved")
    incident = Incident.objects.order_by("-id").first()
    assert incident.is_open
    assert incident.alerts.count() == 8
    assert verbs(incident.subject).count("alert.flapping") == 1
    assert unquiet(incident.pk) == 1


def test_quiet_after_a_calm_time_it_is_let_go_and_the_incident_may_end(flap, jump, verbs):
    flap(8)
    jump(30)
    assert calm_due() == 0
    jump(37)
    reconcile()

    incident = Incident.objects.order_by("-id").first()
    assert not Alert.objects.filter(is_flapping=True).exists()
    entry = Entry.objects.get(verb="alert.calmed")
    facts = canonical.loads(bytes(entry.facts))
    assert (facts["incident"], facts["remaining"]) == (incident.pk, 0)
    notice(FollowedEntry(seq=0, entry=entry, verb=entry.verb, subject=entry.subject, actor=entry.actor, facts=facts))
    assert Incident.objects.get(pk=incident.pk).state == "RESOLVED"
    assert calm_due() == 0


def test_calm_while_it_fires_leaves_the_incident_open(flap, jump):
    flap(9)
    jump(39)

    assert calm_due() == 1
    assert Incident.objects.order_by("-id").first().is_open
    assert unquiet(Incident.objects.order_by("-id").first().pk) == 1


def test_a_clock_that_was_set_far_back_does_not_keep_it_flapping_for_ever(flap, jump):
    flap(8)
    jump(-600)

    assert calm_due() == 1


def test_one_change_is_no_flapping(event, tell):
    assert watch_flapping(Desk(INTAKE), tell(event("a"))) is None
