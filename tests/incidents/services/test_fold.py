from datetime import timedelta

import pytest

from core import bulk
from incidents.models import Alert, Incident
from incidents.services.close import close
from incidents.services.resolve import resolve

pytestmark = pytest.mark.django_db


def test_a_firing_opens_an_incident_with_its_entries(event, tell, shop, verbs):
    alert = tell(event(severity="critical"))

    incident = Incident.objects.get()
    assert alert.incident == incident
    assert (incident.state, incident.severity, incident.service) == ("OPEN", "S1", "checkout")
    assert (incident.title, incident.environment, incident.autonomy) == ("a hurts a lot", "lab", "act")
    assert verbs(incident.subject) == ["incident.opened", "alert.fired"]


def test_the_same_event_again_only_counts(event, tell, verbs):
    tell(event())
    before = verbs()

    alert = tell(event())

    assert (Alert.objects.count(), Incident.objects.count(), alert.count) == (1, 1, 2)
    assert verbs() == before


def test_a_repetition_with_the_first_moment_and_new_words_is_heard(event, tell, t0, verbs):
    """As Alertmanager tells a firing again: `startsAt` stays, and the value in its annotations is another."""
    tell(event(description="p99 is 2.3 s"))
    before, first = verbs(), Alert.objects.get()

    tell(event(description="p99 is 9.9 s", severity="critical", received_at=t0 + timedelta(minutes=5)))
    tell(event(description="p99 is 4.0 s", received_at=t0 + timedelta(minutes=2)))  # read again, or overtaken

    alert = Alert.objects.get()
    assert (alert.description, alert.severity, alert.count) == ("p99 is 9.9 s", "critical", 3)
    assert (alert.last_event_at, alert.starts_at) == (first.last_event_at, first.starts_at)
    assert [verb for verb in verbs() if verb not in before] == ["incident.worsened"]


def test_of_a_repetition_that_says_something_new_only_that_is_written(event, tell, monkeypatch):
    """Few rows change by more than a value in their text; writing all of each would be most of what a repeat costs."""
    tell(event())
    written, update = [], bulk.update

    def spy(model, rows, names):
        written.extend((model, frozenset(names)) for _ in rows)
        update(model, rows, names)

    monkeypatch.setattr(bulk, "update", spy)
    tell(event())
    tell(event(after_s=5, description="p99 is 2.4 s", labels={"pod": "b"}))

    (first, second) = [names for model, names in written if model is Alert]
    assert first == {"count", "last_event_at", "last_seen_at"}
    assert second == first | {"description", "labels", "starts_at"}
    alert = Alert.objects.get()
    assert (alert.count, alert.description, alert.labels) == (3, "p99 is 2.4 s", {"pod": "b"})
    assert alert.last_event_at == alert.starts_at == event(after_s=5).at


def test_a_late_firing_does_not_reopen_what_is_resolved(event, tell):
    tell(event(after_s=0))
    tell(event(after_s=60, status="resolved"))

    alert = tell(event(after_s=30))

    assert (alert.status, alert.count, Alert.objects.count()) == ("resolved", 3, 1)


def test_a_resolve_that_overtook_its_firing_wins(event, tell):
    tell(event(after_s=60, status="resolved"))

    alert = tell(event(after_s=0))

    assert alert.status == "resolved"
    assert not Incident.objects.exists()


def test_a_resolve_of_an_unknown_alert_is_recorded_and_opens_nothing(event, tell, verbs):
    alert = tell(event(status="resolved"))

    assert (alert.status, alert.incident) == ("resolved", None)
    assert not Incident.objects.exists()
    assert verbs() == ["alert.resolved"]


def test_a_late_resolve_of_an_earlier_episode_does_not_end_the_present_one(event, tell):
    tell(event(after_s=100))

    assert tell(event(after_s=50, status="resolved")).status == "firing"


def test_a_resolved_incident_does_not_swallow_a_new_firing(event, tell, ada):
    first = tell(event())
    tell(event(after_s=30, status="resolved"))
    resolve(first.incident_id, actor=ada, why="The symptom is gone.")

    second = tell(event(after_s=60))

    assert second.pk != first.pk
    assert second.incident_id != first.incident_id
    assert second.incident.state == "OPEN"


def test_a_closed_incident_does_not_swallow_another_alert_of_its_service(event, tell, ada):
    first = tell(event())
    resolve(first.incident_id, actor=ada, why="Gone.")
    close(first.incident_id, actor=ada)

    assert tell(event("b", 10)).incident_id != first.incident_id


def test_a_repeat_right_after_the_resolve_is_no_new_incident(event, tell, ada):
    first = tell(event())
    resolve(first.incident_id, actor=ada, why="Gone.")

    assert tell(event()).incident_id == first.incident_id


def test_an_alert_that_is_still_told_long_after_its_incident_was_resolved_gets_a_new_one(event, tell, ada):
    first = tell(event())
    resolved = resolve(first.incident_id, actor=ada, why="Thought so.")

    again = tell(event(received_at=resolved.resolved_at + timedelta(hours=4)))

    assert again.incident_id != first.incident_id
    assert again.incident.state == "OPEN"
    assert Alert.objects.filter(status="firing").count() == 1


def test_the_incident_follows_the_deepest_firing_callee(event, tell, shop, verbs):
    tell(event("gateway slow", 0, service="gateway", severity="warning"))
    tell(event("checkout slow", 5, service="checkout", severity="critical"))
    alert = tell(event("payments errors", 10, service="payments", severity="high"))

    incident = Incident.objects.get()
    assert (incident.service, incident.title) == ("payments", "payments errors hurts a lot")
    assert (incident.severity, incident.services) == ("S1", ["checkout", "gateway", "payments"])
    assert alert.incident == incident
    assert verbs(incident.subject) == ["incident.opened", *["alert.fired"] * 3]


def test_a_caller_that_joins_later_does_not_take_the_incident_over(event, tell, shop):
    tell(event("payments", 0, service="payments"))
    tell(event("checkout", 5, service="checkout"))

    assert Incident.objects.get().service == "payments"


def test_the_last_resolve_says_that_nothing_is_left_and_leaves_the_incident_open(event, tell, shop):
    from audit import ledger

    tell(event("a", 0))
    tell(event("b", 1))
    tell(event("a", 20, status="resolved"))
    tell(event("b", 30, status="resolved"))

    incident = Incident.objects.get()
    told = [
        line.facts["remaining"] for line in ledger.timeline(incident.subject, limit=50) if line.verb == "alert.resolved"
    ]
    assert told == [1, 0]
    assert incident.is_open


@pytest.mark.parametrize(
    ("source", "service", "expected"),
    [("act", "act", "act"), ("suggest", "act", "suggest"), ("act", "observe", "observe"), ("act", None, "observe")],
)
def test_autonomy_is_the_least_of_source_and_service(event, tell, source, service, expected):
    from core.actors import SYSTEM
    from incidents.services.register_service import ServiceEntry, register_service

    if service:
        register_service(ServiceEntry(slug="checkout", name="Checkout", autonomy=service), actor=SYSTEM)

    assert tell(event(), source).incident.autonomy == expected


def test_an_alert_without_an_environment_takes_the_catalogue_s(event, tell, shop):
    assert tell(event(environment="")).incident.environment == "lab"


def test_alerts_of_one_rule_without_a_service_share_an_incident(event, tell):
    labels = {"alertname": "Watchdog"}
    tell(event("a", 0, service="", labels=labels))
    tell(event("b", 5, service="", labels=labels))
    tell(event("c", 9, service="", labels={"alertname": "Other"}))

    assert Incident.objects.count() == 2


def test_a_crash_after_the_fold_leaves_nothing_behind(event, tell):
    from django.db import transaction

    from audit.models import Entry

    @transaction.atomic
    def killed():
        tell(event())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()

    assert (Alert.objects.count(), Incident.objects.count(), Entry.objects.count()) == (0, 0, 0)
