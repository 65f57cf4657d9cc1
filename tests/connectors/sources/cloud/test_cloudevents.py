from datetime import UTC, datetime

from connectors.base import RawDelivery
from connectors.sources.cloud.cdevents import CdEvents
from connectors.sources.cloud.cloudevents import CloudEvents

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HEADERS = {
    "ce-specversion": "1.0",
    "ce-type": "com.example.alert",
    "ce-source": "/shop",
    "ce-id": "1",
    "ce-time": "2026-03-01T12:00:00Z",
    "ce-severity": "high",
}


def parse(value, headers=None, source=CloudEvents):
    return source().parse(RawDelivery(uid="d", source="s", received_at=NOW, value=value, headers=headers or {}))


def event(kind, **data):
    return {"specversion": "1.0", "type": kind, "source": "/shop", "id": "1", "data": data}


def test_an_envelope_in_headers_is_read_as_one_in_the_body():
    data = {"id": "a", "status": "firing", "title": "Slow"}

    by_headers, structured = parse(data, HEADERS).events[0], parse(event("com.example.alert", **data)).events[0]

    assert by_headers.fingerprint == structured.fingerprint
    assert (by_headers.status, by_headers.severity) == ("firing", "high")
    assert by_headers.starts_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_version_at_the_end_of_the_type_is_no_status():
    assert parse(event("com.example.alert.resolved.v2", id="a")).events[0].status == "resolved"


def test_the_title_never_decides_the_status():
    assert parse(event("com.example.alert", id="a", status="firing", title="Resolved: all is well")).events[
        0
    ].status == ("firing")


def test_the_type_without_its_last_word_tells_alerts_apart():
    told = ("disk.alert.raised", "disk.alert.cleared", "cpu.alert.raised")
    raised, cleared, other = (parse(event(kind, title="t")).events[0].fingerprint for kind in told)

    assert raised == cleared
    assert raised != other


def test_incidents_of_one_event_id_are_told_apart_by_their_subject():
    def incident(subject):
        context = {"id": "same", "source": "/s", "type": "dev.cdevents.incident.detected.0.2.0"}
        return parse({"context": context, "subject": {"id": subject}}, source=CdEvents).events[0]

    assert incident("a").fingerprint != incident("b").fingerprint
    assert incident("a").title == "Incident a"
