"""Who resolves an incident when its alerts are gone: who works on it, else the monitor."""

import pytest

from agents.services.follow import notice
from agents.services.start import start
from audit.models import Entry
from audit.services.follow import FollowedEntry
from core.actors import TRIAGE
from incidents.models import Incident
from proof import canonical

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_alerts_end(event, tell):
    def end():
        tell(event("a", 60, status="resolved"))
        entry = Entry.objects.get(verb="alert.resolved")
        facts = canonical.loads(bytes(entry.facts))
        told = FollowedEntry(seq=0, entry=entry, verb=entry.verb, subject=entry.subject, actor=entry.actor, facts=facts)
        notice(told)
        notice(told)
        return Incident.objects.get()

    return end


def test_the_monitor_resolves_what_nobody_works_on(event, tell, all_alerts_end):
    tell(event("a"))

    assert all_alerts_end().resolved_by == "agent:monitor"
    assert Entry.objects.filter(verb="incident.resolved").count() == 1


def test_a_remediation_at_work_is_left_to_finish(event, tell, all_alerts_end):
    start(tell(event("a")).incident_id, actor=TRIAGE)

    assert all_alerts_end().is_open


def test_one_alert_that_still_fires_keeps_the_incident_open(event, tell, all_alerts_end):
    tell(event("a"))
    tell(event("b", 5))

    assert all_alerts_end().is_open


def test_a_resolve_of_an_unknown_alert_concerns_no_incident(event, tell):
    tell(event(status="resolved"))
    entry = Entry.objects.get()
    facts = canonical.loads(bytes(entry.facts))

    notice(FollowedEntry(seq=0, entry=entry, verb=entry.verb, subject=entry.subject, actor=entry.actor, facts=facts))

    assert not Incident.objects.exists()
