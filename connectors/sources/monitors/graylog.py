"""Graylog: HTTP notifications of event definitions (3 and newer) and the alarm callback of streams (1 and 2).

Neither tells of an end: an event is a search that matched, again and again. So it is the definition and its grouping
`key` that make an alert, not the event's id. The legacy callback does say `triggered`. What Graylog proposes as the
body of a custom notification says it all in one object, with names that begin with `event_`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Severity, Status

PRIORITIES = {"1": Severity.INFO, "2": Severity.WARNING, "3": Severity.HIGH, "4": Severity.CRITICAL}
STATUSES = {"true": Status.FIRING, "false": Status.RESOLVED}
TESTS = ("test-dummy-v1", "notification-test-v1")


class Graylog(Source):
    """Events of Graylog's event definitions, and its legacy stream alerts."""

    slug = "graylog"
    title = "Graylog"
    documentation = "https://go2docs.graylog.org/current/interacting_with_your_log_data/notifications.html"
    formats = ("graylog_legacy",)
    fingerprint_fields = ("event_definition_id, key", "legacy: condition id, stream id")
    statuses = STATUSES
    severities = PRIORITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification."""
        body = reading.mapping(delivery.value)
        event, result = reading.mapping(body.get("event")) or _flat(body), reading.mapping(body.get("check_result"))
        if result:
            return [self._legacy(body, result, notes)]
        definition = body.get("event_definition_id") or event.get("event_definition_id")
        if definition is None or not event:
            return rejected("There is neither an `event` of an event definition nor a `check_result`.")
        if body.get("event_definition_type") in TESTS or event.get("event_definition_type") in TESTS:
            return ignored("It is a test of the notification.")
        return [_event(body, event, definition, notes)]

    def _legacy(self, body: Mapping[str, Any], result: Mapping[str, Any], notes: Notes) -> Told:
        stream, condition = reading.mapping(body.get("stream")), reading.mapping(result.get("triggered_condition"))
        message = next(iter(objects(result.get("matching_messages"), notes)), {})
        said = result.get("result_description")
        word = result.get("triggered")
        return Told(
            status=self.status_of(word if isinstance(word, str | bool) else None, notes),
            identity=("condition", condition.get("id"), stream.get("id") or stream.get("title")),
            titles=[condition.get("title"), said, stream.get("title")],
            description=said,
            resource=("stream", stream.get("title")),
            service=reading.mapping(message.get("fields")).get("service"),
            labels={"stream": stream.get("title") or "", "condition": condition.get("type") or ""},
            starts_at=result.get("triggered_at"),
            ends_at=result.get("triggered_at"),
            source_event_id=condition.get("id"),
        )


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a custom notification: `event_message` is its `message`."""
    told = {name.removeprefix("event_"): value for name, value in body.items() if name.startswith("event_")}
    return {name: value for name, value in told.items() if not name.startswith("definition_")}


def _event(body: Mapping[str, Any], event: Mapping[str, Any], definition: object, notes: Notes) -> Told:
    key = event.get("key_tuple") or event.get("key") or event.get("group_by_fields") or ""
    fields = reading.mapping(event.get("fields"))
    logged = next(iter(objects(body.get("backlog"), notes)), {})
    time = first(("timestamp", "timestamp_processing", "timerange_end"), event)
    return Told(
        status=Status.FIRING,
        identity=("definition", definition, key),
        titles=[body.get("event_definition_title"), event.get("title"), event.get("message")],
        severity=event.get("priority"),
        description=body.get("event_definition_description") or event.get("message"),
        resource=("host", event.get("source") or logged.get("source")),
        service=first(("service", "service_name", "application"), fields),
        environment=first(("environment", "env"), fields),
        labels={**reading.mapping(event.get("group_by_fields")), **fields},
        links={"search": event.get("replay_url") or body.get("replay_url")},
        starts_at=time,
        at=time,
        source_event_id=event.get("id"),
    )
