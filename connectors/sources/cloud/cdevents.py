"""CDEvents: incidents detected, reported and resolved are alerts; all else is change, and recorded as that.

The event's `context.id` is that of the event. An incident is known by its subject: its id, within its source. CDEvents
travel bare or as the `data` of a CloudEvent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {"detected": Status.FIRING, "reported": Status.FIRING, "resolved": Status.RESOLVED}
PREFIX = "dev.cdevents."
CUSTOM = "dev.cdeventsx."
NOTHING = "There is no `context.type` that starts with dev.cdevents; this is no CDEvent."


class CdEvents(Source):
    """Incidents among the events of a delivery pipeline."""

    slug = "cdevents"
    title = "CDEvents"
    documentation = "https://cdevents.dev/docs/continuous-operations/"
    fingerprint_fields = ("source and id of the subject",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event, or several in a list."""
        if isinstance(delivery.value, list):
            read = [self.event(one, notes) for one in delivery.value if isinstance(one, Mapping)]
            return shapes.together(read, notes, NOTHING)
        return self.event(delivery.value, notes)

    def event(self, value: object, notes: Notes) -> Parsed | list[Told]:
        """Understand one event, bare or within a CloudEvent."""
        body = reading.mapping(value)
        if "specversion" in body and "context" not in body:
            body = reading.mapping(nested(body.get("data"), notes))
        context = reading.mapping(body.get("context"))
        kind = reading.text(context.get("type"), reading.WORD, notes, "type")
        if kind.startswith(CUSTOM):
            return ignored(
                f"The event {kind.removeprefix(CUSTOM)[:80]!r} is somebody's own; nothing says what it means."
            )
        if not kind.startswith(PREFIX):
            return rejected(NOTHING)
        subject, _, rest = kind.removeprefix(PREFIX).partition(".")
        predicate = rest.partition(".")[0]
        if subject != "incident":
            return ignored(f"The event {subject}.{predicate} is a change, no incident.")
        return [self._told(context, reading.mapping(body.get("subject")), predicate, notes)]

    def _told(self, context: Mapping[str, Any], subject: Mapping[str, Any], predicate: str, notes: Notes) -> Told:
        content = reading.mapping(subject.get("content"))
        status = self.status_of(predicate, notes)
        name = reading.text(subject.get("id"), 200, notes, "incident's id")
        at = context.get("timestamp")
        return Told(
            status=status,
            identity=("incident", subject.get("source") or context.get("source"), subject.get("id")),
            titles=[content.get("description"), f"Incident {name}" if name else None],
            description=content.get("description"),
            resource=("artifact", content.get("artifactId")),
            service=_id(content.get("service")),
            environment=_id(content.get("environment")),
            labels={"source": context.get("source"), "chain": context.get("chainId")},
            links={"ticket": content.get("ticketURI")},
            starts_at=None if status is Status.RESOLVED else at,
            ends_at=at,
            at=at,
            source_event_id=subject.get("id"),
        )


def _id(reference: object) -> object:
    """The id in a reference, which may be a text."""
    return reference.get("id") if isinstance(reference, Mapping) else reference
