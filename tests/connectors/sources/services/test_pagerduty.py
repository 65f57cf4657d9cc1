import pytest


def event(kind="incident.triggered", **data):
    return {"event": {"event_type": kind, "occurred_at": "2026-02-03T09:00:00Z", "data": {"id": "P1"} | data}}


@pytest.mark.parametrize(
    ("told", "severity", "origin"),
    [
        ({"priority": {"summary": "P2"}, "urgency": "low"}, "high", "map"),
        ({"priority": {"summary": "Our own word"}, "urgency": "low"}, "info", "map"),
        ({"priority": None, "urgency": "high"}, "high", "payload"),
        ({"priority": {"summary": "Our own word"}}, "warning", "default"),
        ({}, "warning", "default"),
    ],
)
def test_a_known_priority_beats_the_urgency(read, told, severity, origin):
    (found,) = read("pagerduty", event(**told)).events

    assert (found.severity, found.severity_source) == (severity, origin)


def test_a_type_that_is_not_known_is_ignored(read):
    parsed = read("pagerduty", event("incident.teleported"))

    assert (parsed.outcome, parsed.events) == ("ignored", ())
    assert "'incident.teleported'" in parsed.warnings[0]


def test_an_incident_without_a_title_has_its_number(read):
    assert read("pagerduty", event(number=12)).events[0].title == "PagerDuty incident 12"


def test_changes_are_no_alerts(read):
    assert read("pagerduty", {"routing_key": "R", "payload": {"summary": "Deployed"}}).outcome == "ignored"
