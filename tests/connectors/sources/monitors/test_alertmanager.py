from datetime import UTC, datetime

import pytest

from connectors.base import RawDelivery
from connectors.sources.monitors.alertmanager import Alertmanager

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def parse(value, source="shop"):
    return Alertmanager().parse(RawDelivery(uid="d", source=source, received_at=NOW, value=value))


def alert(**fields):
    return {"status": "firing", "labels": {"alertname": "X", "service": "a"}} | fields


def one(**fields):
    return parse({"alerts": [alert(**fields)]}).events[0]


def test_an_alert_s_own_status_beats_the_group_s():
    parsed = parse({"status": "firing", "alerts": [alert(status="resolved"), alert(status="firing")]})

    assert [event.status for event in parsed.events] == ["resolved", "firing"]


def test_words_never_decide_the_status():
    assert one(annotations={"summary": "RESOLVED: all is OK"}).status == "firing"


def test_firing_and_resolve_share_a_fingerprint_with_and_without_the_sender_s():
    for told in ({"fingerprint": "abc"}, {}):
        firing, resolved = one(**told), one(**told, status="resolved", endsAt="2026-03-01T12:10:00Z")
        assert firing.fingerprint == resolved.fingerprint


def test_source_labels_and_the_sender_s_fingerprint_tell_alerts_apart():
    labels = {"alertname": "X", "service": "b"}
    prints = [
        one().fingerprint,
        one(labels=labels).fingerprint,
        one(fingerprint="abc").fingerprint,
        one(fingerprint="abf").fingerprint,
        parse({"alerts": [alert()]}, source="other").events[0].fingerprint,
    ]

    assert len(set(prints)) == 5
    assert all(told.startswith("v1:") and len(told) == 67 for told in prints)


@pytest.mark.parametrize(
    ("word", "severity", "origin"),
    [
        ("critical", "critical", "payload"),
        ("Page", "critical", "map"),
        ("error", "high", "map"),
        ("WARN", "warning", "map"),
        ("none", "info", "map"),
        ("P2", "high", "map"),
        ("mauve", "warning", "default"),
        ("", "warning", "default"),
    ],
)
def test_severity_is_mapped_and_says_where_it_comes_from(word, severity, origin):
    event = one(labels={"alertname": "X", "severity": word})

    assert (event.severity, event.severity_source) == (severity, origin)


@pytest.mark.parametrize(
    ("told", "quality"),
    [
        ("2026-03-01T12:00:00Z", "given"),
        ("2026-03-01T12:00:00.123456789+02:00", "given"),
        ("2026-03-01 12:00:00", "parsed"),
        (1772366400, "parsed"),
        (1772366400000, "parsed"),
        ("1772366400", "parsed"),
        ("0001-01-01T00:00:00Z", "absent"),
        ("0001-01-01T00:00:00+02:00", "absent"),
        ("1970-01-01T00:00:00Z", "absent"),
        (0, "absent"),
        (-1, "absent"),
        (None, "absent"),
        ("soon", "implausible"),
        ("1999-01-01T00:00:00Z", "implausible"),
        ("2026-03-01T13:00:00Z", "implausible"),
        (1e300, "implausible"),
        ([1], "implausible"),
        ({"a": 1}, "implausible"),
    ],
)
def test_a_bad_clock_never_loses_an_alert(told, quality):
    event = one(startsAt=told)

    assert event.starts_at_quality == quality
    assert (event.began_at is None) == (quality in {"absent", "implausible"})
    assert event.at == (event.began_at or NOW)


def test_a_resolve_with_the_year_one_happened_when_it_was_received():
    event = one(status="resolved", startsAt="2026-03-01T12:00:00Z", endsAt="0001-01-01T00:00:00Z")

    assert (event.ends_at, event.at) == (None, NOW)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example/",
        "http://",
        "http://user:secret@x.example/",
        "http://x.example/\nSet-Cookie",
        "http://[::1",
        "x" * 3000,
        7,
        None,
    ],
)
def test_only_plain_web_addresses_become_links(url):
    assert one(generatorURL=url, annotations={"runbook_url": url}).links == ()


@pytest.mark.parametrize(
    "title", ["{{ $labels.summary }}", "${latestEvent.name}", "$SERVICE", "{EVENT.NAME}", "", 7.5 * 0]
)
def test_an_unexpanded_template_is_an_absent_title(title):
    assert one(annotations={"summary": title or ""}).title == "X"


def test_a_title_with_words_around_a_template_is_better_than_none():
    assert one(labels={}, annotations={"summary": "High load on {{ $host }}"}).title == "High load on {{ $host }}"


@pytest.mark.parametrize(
    "value",
    [{}, [], {"alerts": None}, {"alerts": {}}, {"alerts": "x"}, {"alerts": [1, None, "x", []]}],
)
def test_what_is_no_alertmanager_body_is_rejected_with_a_reason(value):
    parsed = parse(value)

    assert parsed.outcome == "reject"
    assert parsed.warnings


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, True, [{}], 1.5])
def test_no_field_of_an_odd_type_breaks_the_parser(odd):
    fields = ("labels", "annotations", "status", "startsAt", "endsAt", "fingerprint", "generatorURL")
    inner = {"labels": {"alertname": odd, "severity": odd, "service": odd}, "annotations": {"summary": odd}}
    body = {"alerts": [dict.fromkeys(fields, odd), {"status": "firing", **inner}]}

    for name in ("version", "status", "truncatedAlerts", "externalURL"):
        assert len(parse(body | {name: odd}).events) == 2


def test_two_labels_that_differ_only_in_the_unkept_part_are_two_alerts():
    first, second = ({f"l{n:03}": "x" for n in range(70)} | {"l069": end} for end in "ab")

    assert one(labels=first).fingerprint != one(labels=second).fingerprint
