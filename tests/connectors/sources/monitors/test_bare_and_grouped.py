from datetime import UTC, datetime

import pytest

from connectors.base import RawDelivery
from connectors.sources.monitors.alertmanager import Alertmanager
from connectors.sources.monitors.grafana import Grafana

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def parse(source, value):
    return source.parse(RawDelivery(uid="d", source="s", received_at=NOW, value=value))


@pytest.mark.parametrize(
    ("ends_at", "status"),
    [
        ("2026-03-01T12:29:59Z", "resolved"),
        ("2026-03-01T12:34:00Z", "firing"),
        ("2026-03-02T12:30:00Z", "firing"),
        ("0001-01-01T00:00:00Z", "firing"),
        (None, "firing"),
        ("soon", "firing"),
    ],
)
def test_a_bare_alert_fires_until_its_end_has_passed(ends_at, status):
    (event,) = parse(Alertmanager(), [{"labels": {"alertname": "X"}, "endsAt": ends_at}]).events

    assert event.status == status


def test_a_bare_alert_and_the_same_one_in_a_group_are_one_alert():
    alert = {"labels": {"alertname": "X"}, "status": "firing"}

    (bare,), (grouped,) = (parse(Alertmanager(), value).events for value in (alert, {"alerts": [alert]}))

    assert bare.fingerprint == grouped.fingerprint


def test_grafana_s_group_state_never_counts():
    alerts = [{"status": word, "labels": {"alertname": word}} for word in ("resolved", "firing")]

    parsed = parse(Grafana(), {"alerts": alerts, "status": "resolved", "state": "alerting", "version": "1"})

    assert [event.status for event in parsed.events] == ["resolved", "firing"]
    assert parsed.warnings == ()


def test_only_the_state_of_a_rule_decides_whether_it_is_ignored():
    rule = {"ruleId": 1, "ruleName": "X"}

    outcomes = [parse(Grafana(), rule | {"state": state}).outcome for state in ("paused", "alerting", "odd")]

    assert outcomes == ["ignored", "events", "events"]
    assert parse(Grafana(), rule | {"state": "odd"}).events[0].status == "unclassified"
