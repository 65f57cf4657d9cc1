"""PagerDuty's webhooks of versions 1, 2 and 3, and its Events API as tools post to it.

The event's type is the transition, except where the type only says that the priority changed: then the status of the
incident counts. There are many more types, and new ones come: what is no transition changes nothing. Version 1
sends several messages in one body; `incident.status` in it may lag behind the type.
An incident's id is its identity: `incident_key` repeats, and titles do even more.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Severity, Status

STATUSES = {
    "trigger": Status.FIRING,
    "triggered": Status.FIRING,
    "unacknowledge": Status.FIRING,
    "unacknowledged": Status.FIRING,
    "reopened": Status.FIRING,
    "acknowledge": Status.ACKNOWLEDGED,
    "acknowledged": Status.ACKNOWLEDGED,
    "resolve": Status.RESOLVED,
    "resolved": Status.RESOLVED,
}
LEVELS = (Severity.CRITICAL, Severity.HIGH, Severity.WARNING, Severity.INFO, Severity.INFO)
"""PagerDuty's own scheme begins with SEV-1; elsewhere there is one above it."""
SEVERITIES = {
    f"{word}{number}": level
    for number, level in enumerate(LEVELS, start=1)
    for word in ("sev", "sev-", "sev ", "severity ")
}
CHANGES_OF_PRIORITY = frozenset(["priority_updated"])


class PagerDuty(Source):
    """Incidents of PagerDuty."""

    slug = "pagerduty"
    title = "PagerDuty"
    documentation = "https://developer.pagerduty.com/docs/webhooks/v3-overview/"
    formats = ("pagerduty_v1", "pagerduty_v2", "pagerduty_v3")
    fingerprint_fields = ("incident id", "dedup_key (Events API)")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand messages (1 and 2), one event (3) or an event of the Events API."""
        body = reading.mapping(delivery.value)
        if isinstance(body.get("messages"), list):
            return self._messages(objects(body["messages"], notes), notes)
        event = reading.mapping(body.get("event"))
        if event.get("event_type"):
            return self._event_v3(event, notes)
        if first(("routing_key", "service_key"), body) is not None or (
            body.get("event_action") and first(("payload", "dedup_key"), body) is not None
        ):
            return self._posted(body, notes)
        return rejected("There is neither `messages` nor `event.event_type`; this is no PagerDuty webhook.")

    def _messages(self, messages: list[Mapping[str, Any]], notes: Notes) -> Parsed | list[Told]:
        types = [str(message.get("event") or message.get("type") or "") for message in messages]
        if not any(types):
            return rejected("None of the `messages` has an `event` or a `type`; this is no PagerDuty webhook.")
        moves = [message for message, name in zip(messages, types, strict=True) if _word(name) in STATUSES]
        if not moves:
            return ignored(f"No message changes an incident's state: {', '.join(types)[:120]}.")
        found = [told for told in (self._message(message, notes) for message in moves) if told is not None]
        return found or rejected("None of the `messages` holds an incident with an `id`.")

    def _message(self, message: Mapping[str, Any], notes: Notes) -> Told | None:
        nested = reading.mapping(reading.mapping(message.get("data")).get("incident"))
        incident = nested or reading.mapping(message.get("incident"))
        if first(("id", "incident_key"), incident) is None:
            return None
        trigger = reading.mapping(incident.get("trigger_summary_data"))
        at = message.get("created_on")
        return self._told(
            incident,
            word=_word(str(message.get("event") or message.get("type") or "")),
            at=at,
            ends_at=first(("last_status_change_at", "last_status_change_on"), incident) or at,
            titles=[trigger.get("subject"), trigger.get("description")],
            notes=notes,
        )

    def _event_v3(self, event: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        name = str(event["event_type"])
        word = _word(name)
        data = reading.mapping(event.get("data"))
        if not name.startswith("incident.") or word not in {*STATUSES, *CHANGES_OF_PRIORITY}:
            return ignored(f"The event {name[:60]!r} does not change an incident's state.")
        if data.get("id") is None:
            return rejected("The event has no `data.id`.")
        at = event.get("occurred_at")
        if word in CHANGES_OF_PRIORITY:
            word = str(data.get("status") or "").lower()
        return [self._told(data, word=word, at=at, ends_at=at, titles=[], notes=notes)]

    def _told(
        self, incident: Mapping[str, Any], *, word: str, at: object, ends_at: object, titles: list[object], notes: Notes
    ) -> Told:
        service, told_id = reading.mapping(incident.get("service")), incident.get("id")
        return Told(
            status=self.status_of(word, notes),
            identity=("incident", told_id) if told_id is not None else ("key", incident.get("incident_key")),
            titles=[
                *(incident.get(name) for name in ("title", "summary")),
                *titles,
                incident.get("description"),
                incident.get("incident_key"),
                _numbered(incident),
            ],
            severity=_severity(incident),
            description=_details(incident),
            service=first(("name", "summary"), service),
            team=next((team.get("summary") for team in _references(incident.get("teams"))), None),
            links={
                "incident": first(("html_url", "self"), incident),
                "conference": reading.mapping(incident.get("conference_bridge")).get("conference_url"),
            },
            starts_at=first(("created_at", "created_on"), incident),
            ends_at=ends_at,
            at=at,
            source_event_id=told_id,
        )

    def _posted(self, body: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        """One event of the Events API, version 2 (`routing_key`) or 1 (`service_key`)."""
        payload = reading.mapping(body.get("payload")) or body
        word = first(("event_action", "event_type"), body)
        if word is None:
            return ignored("It has neither `event_action` nor `event_type`: a change event.")
        key = first(("dedup_key", "incident_key"), body)
        titles = [payload.get(name) for name in ("summary", "description")]
        source = first(("source", "client"), payload)
        return [
            Told(
                status=self.status_of(word, notes),
                identity=("key", key) if key is not None else ("event", *titles, source),
                titles=[*titles, key],
                severity=payload.get("severity"),
                resource=("host", source) if source else None,
                service=first(("component", "group"), payload),
                labels=payload.get("custom_details"),
                links={"client": body.get("client_url")},
                starts_at=payload.get("timestamp"),
                ends_at=payload.get("timestamp"),
                source_event_id=key,
            )
        ]


def _word(name: str) -> str:
    """The transition in `incident.acknowledged` and such."""
    return name.strip().lower().removeprefix("incident.")


def _references(value: object) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, Mapping)]


def _numbered(incident: Mapping[str, Any]) -> str | None:
    number = first(("number", "incident_number", "id"), incident)
    return f"PagerDuty incident {number}" if isinstance(number, int | str) else None


def _severity(incident: Mapping[str, Any]) -> object:
    """The priority where it is a known word, for people set it on purpose; else the urgency."""
    told = reading.mapping(incident.get("priority"))
    priority = first(("summary", "name"), told)
    return priority if reading.severity(priority) else incident.get("urgency") or priority


def _details(incident: Mapping[str, Any]) -> object:
    body = reading.mapping(incident.get("body"))
    trigger = reading.mapping(incident.get("trigger_summary_data"))
    return body.get("details") or trigger.get("description") or incident.get("description")
