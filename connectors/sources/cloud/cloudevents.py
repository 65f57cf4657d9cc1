"""CloudEvents 1.0 (and 0.2, 0.3): one event, a batch, or the bare data with `ce-` headers.

The standard has a word for neither status nor severity. The data's `status` or `state` decides, else the last word of
the event's `type`, such as `com.example.alert.resolved`. An event is an alert if that word is known, or if its type
says that it is one, where it fires if it tells a title and a severity but no status; all else is recorded and changes
nothing. CDEvents in an envelope are read as CDEvents.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake import strict_json
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.sources.cloud.cdevents import PREFIX, CdEvents
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "firing": Status.FIRING,
    "fired": Status.FIRING,
    "alerting": Status.FIRING,
    "alarm": Status.FIRING,
    "triggered": Status.FIRING,
    "raised": Status.FIRING,
    "open": Status.FIRING,
    "opened": Status.FIRING,
    "active": Status.FIRING,
    "problem": Status.FIRING,
    "critical": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
    "recovered": Status.RESOLVED,
    "cleared": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "ok": Status.RESOLVED,
    "suppressed": Status.SUPPRESSED,
    "silenced": Status.SUPPRESSED,
    "pending": Status.PENDING,
}
ALERTS = frozenset({"alert", "alerts", "alarm", "alarms", "incident", "incidents", "problem", "problems"})
WORDS = ("status", "state", "alert_status", "alert_state")
LEVELS = ("severity", "priority", "level")
TITLES = ("title", "summary", "name", "alertname", "message", "description")
IDS = ("alert_id", "incident_id", "problem_id", "fingerprint", "dedup_key", "id")
ENVELOPE = ("specversion", "type", "source", "id", "subject", "time", "datacontenttype", "dataschema", "data_base64")
NOTHING = "There is no `specversion` and there are no ce- headers; this is no CloudEvent."


class CloudEvents(Source):
    """Alerts in the envelope of the CNCF."""

    slug = "cloudevents"
    title = "CloudEvents"
    documentation = "https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md"
    fingerprint_fields = ("source with the alert's id in the data, else with subject, else with type, title, labels",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand an event, a batch of them, or data whose envelope is in the headers."""
        value = delivery.value
        if "ce-specversion" in delivery.headers:
            told = ((name[3:], said) for name, said in delivery.headers.items() if name.startswith("ce-"))
            names = {name: strict_json.scrub(unquote(said)) for name, said in told}
            return self._opened({**names, "data": value}, notes)
        if isinstance(value, list):
            read = [self._opened(one, notes) for one in value if isinstance(one, Mapping)]
            return shapes.together(read, notes, NOTHING)
        return self._opened(reading.mapping(value), notes)

    def _opened(self, event: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        kind = event.get("type")
        if not isinstance(event.get("specversion"), str) or not isinstance(kind, str) or not kind:
            return rejected(NOTHING)
        found = nested(event.get("data"), notes)
        if found is None and isinstance(event.get("data_base64"), str):
            found = nested(shapes.decoded(event["data_base64"]), notes)
        data = reading.mapping(found)
        if kind.startswith(PREFIX):
            return CdEvents().event(data, notes)
        tokens = _tokens(kind)
        word = first(WORDS, data)
        if word is None or (isinstance(word, str) and word.strip().lower() not in STATUSES):
            word = next((one for one in tokens[-1:] if one in STATUSES), word)
        if word is None and ALERTS & set(tokens) and first(LEVELS, data) and first(TITLES, data):
            notes.add("No status came, so this counts as firing; add `status` to the data.")
            word = "firing"
        is_known = isinstance(word, str) and word.strip().lower() in STATUSES
        if not is_known and not (ALERTS & set(tokens) and word is not None):
            return ignored(f"The event {kind[:80]!r} says nothing of an alert's status.")
        return [self._told(event, data, word, notes)]

    def _told(self, event: Mapping[str, Any], data: Mapping[str, Any], word: object, notes: Notes) -> Told:
        own, notices = reading.mapping(data.get("labels")), reading.mapping(data.get("annotations"))
        more = {name: value for name, value in event.items() if name not in ENVELOPE and name != "data"}
        name = first(TITLES, data)
        title = name or first(TITLES, notices) or first(TITLES, own)
        unnumbered = [_stem(event["type"]), name, *([own] if own else [])]
        status = self.status_of(word, notes)
        told_id, subject = first(IDS, data), event.get("subject")
        known = told_id if told_id is not None else subject
        return Told(
            status=status,
            identity=("alert", event.get("source"), known if known is not None else unnumbered),
            titles=[title, subject, event["type"]],
            severity=first(LEVELS, data) or more.get("severity") or own.get("severity"),
            description=first(("description", "message", "summary"), {**notices, **data}),
            resource=_resource(data, subject),
            service=shapes.service(data, own, more),
            environment=shapes.environment(data, own, more),
            region=first(("region",), data),
            team=shapes.team(data, own, more),
            labels=shapes.labels(own, more, {"type": event["type"], "source": event.get("source")}),
            links={
                "alert": first(("url", "link", "html_url"), data),
                "runbook": first(("runbook_url", "runbook"), data),
            },
            starts_at=first(("starts_at", "startsAt", "started_at", "startTime"), data)
            or (event.get("time") if status is not Status.RESOLVED else None),
            ends_at=first(("ends_at", "endsAt", "ended_at", "endTime", "resolved_at"), data) or event.get("time"),
            at=event.get("time"),
            source_event_id=known,
        )


def _tokens(kind: str) -> list[str]:
    """The words of a type, without a version at its end."""
    words = [word for word in re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1.\2", kind).lower()) if word]
    while words and re.fullmatch(r"v?\d+", words[-1]):
        words.pop()
    return words


def _stem(kind: str) -> str:
    """The type without the word that says what happened."""
    words = _tokens(kind)
    return ".".join(words[:-1] if words and words[-1] in STATUSES else words)


def _resource(data: Mapping[str, Any], subject: object) -> tuple[str, object] | None:
    name = next(
        (one for one in (data.get("resource"), data.get("host"), subject) if isinstance(one, str) and one), None
    )
    return ("resource", name) if name else None
