"""Storms: one incident with a count and its top talkers instead of thousands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.actors import INTAKE
from incidents.correlation import storms
from incidents.desk import Desk
from incidents.models import Incident
from incidents.services.gather_storm import gather_storm
from incidents.talkers import talkers

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch, t0):
    def jump(minutes):
        monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(minutes=minutes))

    jump(0)
    return jump


@pytest.fixture
def blow(event, tell, at, monkeypatch):
    """So many alerts of as many services; four incidents make a storm here."""
    monkeypatch.setattr(storms, "MOST_OPENED", 4)

    def send(first, last, **more):
        return [tell(event(f"a{n}", n, service=f"s{n}", title=f"Down {n % 2}", **more)) for n in range(first, last)]

    return send


def test_below_the_limit_each_service_has_an_incident_of_its_own(blow):
    blow(0, 4)

    assert (Incident.objects.count(), Incident.objects.filter(storm_count__gt=0).count()) == (4, 0)


def test_beyond_it_one_incident_takes_them_all_with_a_count_and_top_talkers(blow, verbs):
    blow(0, 4)
    alerts = blow(4, 130, severity="high")

    storm = Incident.objects.get(storm_count__gt=0)
    assert (Incident.objects.count(), storm.storm_count, {one.incident_id for one in alerts}) == (5, 126, {storm.pk})
    assert (storm.title, storm.severity, storm.autonomy) == ("Alert storm: 100 alerts so far", "S2", "observe")
    found = talkers(storm)
    assert (found.alerts, len(found.services)) == (126, 5)
    assert [(one.name, one.alerts) for one in found.titles] == [("Down 0", 63), ("Down 1", 63)]
    assert [(one.name, one.alerts) for one in found.sources] == [("shop", 126)]
    assert verbs(storm.subject).count("incident.joined") == 2
    assert verbs(storm.subject).count("alert.fired") == 126


def test_an_alert_of_an_incident_that_is_open_already_joins_that_one(blow, event, tell):
    first = blow(0, 8)[0]

    assert tell(event("more", 9, service="s0")).incident_id == first.incident_id


def test_the_work_for_one_alert_does_not_grow(blow, event, tell):
    def queries(number):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            blow(number, number + 1)
        return len(asked)

    blow(0, 10)
    early = queries(10)
    blow(11, 60)

    assert queries(60) == early


def test_when_it_has_blown_over_alerts_open_incidents_again(blow, event, tell, at):
    blow(0, 10)
    at(20)

    later = tell(event("z", 1200, service="z"))
    assert later.incident.storm_count == 0


def test_no_clock_set_back_prolongs_it(blow, event, tell, at):
    blow(0, 10)
    at(-600)

    assert gather_storm(Desk(INTAKE), tell(event("z", 20, service="z"))) is None
