"""Alert rules over time, and the webhook's body."""

from lab.monitor.alerting import Evaluator, fingerprint
from lab.monitor.rules import ALERT_RULES, RECORDED, AlertRule
from lab.monitor.webhook import body

RULE = AlertRule(
    name="Hot",
    series="service:heat",
    scale=100,
    threshold=60,
    for_s=3,
    keep_s=5,
    severity="warning",
    summary="{service} is {value} % hot",
    description="Cool {service}.",
)


def heat(value):
    return {"service:heat": {"checkout": value}}


def states(evaluator, values, times):
    return [alert.state for moment in times for alert in evaluator.step(values, moment)]


def test_an_alert_is_pending_before_it_fires():
    evaluator = Evaluator([RULE])

    assert states(evaluator, heat(0.7), [0, 1, 2]) == []
    assert [alert.state for alert in evaluator.current()] == ["pending"]
    assert states(evaluator, heat(0.7), [3, 4, 5]) == ["firing"]


def test_a_short_excursion_wakes_nobody():
    evaluator = Evaluator([RULE])
    states(evaluator, heat(0.7), [0, 1, 2])

    assert states(evaluator, heat(0.5), [3]) == []
    assert evaluator.current() == []


def test_the_threshold_itself_is_not_above():
    assert states(Evaluator([RULE]), heat(0.6), range(10)) == []


def test_a_gap_shorter_than_the_keeping_time_is_no_recovery():
    evaluator = Evaluator([RULE])
    states(evaluator, heat(0.7), range(5))

    assert states(evaluator, {}, [5, 6, 7]) == []
    assert states(evaluator, heat(0.7), [8, 9]) == []
    assert states(evaluator, heat(0.1), range(10, 16)) == ["resolved"]


def test_a_guard_must_hold_as_well():
    rule = AlertRule(
        name="Errors",
        series="service:ratio",
        threshold=0.02,
        guard=("service:count", 5),
        for_s=0,
        severity="high",
        summary="",
        description="",
    )

    assert states(Evaluator([rule]), {"service:ratio": {"a": 0.5}, "service:count": {"a": 4.0}}, [0]) == []
    assert states(Evaluator([rule]), {"service:ratio": {"a": 0.5}, "service:count": {"a": 5.0}}, [1]) == ["firing"]


def test_a_rule_may_fire_below_its_threshold():
    rule = next(rule for rule in ALERT_RULES if rule.name == "ServiceDown")
    values = {"service:up": {"a": 0.0, "b": 1.0}}

    assert states(Evaluator([rule]), values, range(17)) == ["firing"]


def test_every_rule_reads_recorded_series_alone():
    for rule in ALERT_RULES:
        assert rule.series in RECORDED
        assert rule.guard is None or rule.guard[0] in RECORDED


def test_the_sentence_is_one_that_a_tired_engineer_understands():
    rule = next(rule for rule in ALERT_RULES if rule.name == "ErrorRateHigh")
    values = {"service:error_ratio": {"payments": 0.0789}, "service:error_count": {"payments": 15.0}}
    (alert,) = Evaluator([rule]).step(values, 0)

    assert alert.annotations["summary"] == "payments answers 7.9 % of requests with an error"
    assert alert.labels == {
        "alertname": "ErrorRateHigh",
        "environment": "lab",
        "service": "payments",
        "severity": "high",
    }


def test_the_fingerprint_is_that_of_alertmanager():
    # The empty set is FNV-1a's offset; the other was read from Alertmanager 0.25 for these labels.
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"b": "2", "a": "1"}) == fingerprint({"a": "1", "b": "2"})


def test_the_body_has_the_shape_of_version_4():
    evaluator = Evaluator([RULE])
    for moment in range(5):
        for alert in evaluator.step(heat(0.7), 1_700_000_000 + moment):
            firing = alert
    message = body(firing, "http://127.0.0.1:1")

    assert set(message) == {
        *("receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations"),
        *("externalURL", "version", "groupKey", "truncatedAlerts"),
    }
    assert message["version"] == "4"
    assert message["groupKey"] == '{}:{alertname="Hot", service="checkout"}'
    (alert,) = message["alerts"]
    assert set(alert) == {
        *("status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"),
    }
    assert alert["startsAt"] == "2023-11-14T22:13:23.000Z"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"


def test_a_resolved_alert_says_when_it_ended():
    evaluator = Evaluator([RULE])
    moments = [*((moment, 0.7) for moment in range(5)), *((moment, 0.1) for moment in range(5, 12))]
    alerts = [alert for moment, value in moments for alert in evaluator.step(heat(value), float(moment))]
    message = body(alerts[-1], "")

    assert message["status"] == "resolved"
    assert message["alerts"][0]["endsAt"] == "1970-01-01T00:00:09.000Z"
