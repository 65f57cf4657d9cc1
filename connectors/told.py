"""What a sender tells, put into our words: one place for limits, clocks, severities and fingerprints."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from connectors import reading
from connectors.base import Outcome, Parsed, RawDelivery
from connectors.reading import Notes
from incidents.events import AlertEvent, Link, Metric, Resource, Severity, Status

MOST_EVENTS = 5000
RESOURCE_NAME = 300
SOURCE_ID = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One transition of one alert in the sender's own values, unchecked; every field may hold anything JSON can.

    Attributes:
        status: ours, from `Source.status_of`; never guessed from words of the title.
        identity: the values that tell this alert from others and that its resolve repeats: `Source.fingerprint_fields`
            names them. The sender's own id of the alert is best, a title worst.
        titles: the best one first; one with an unexpanded template in it is taken only if there is no better.
        severity: the sender's word for it; None where the format carries none.
        resource: kind and name of the thing below the service, such as ("host", "web-1").
        links: relation to address.
        starts_at, ends_at: in any spelling; `ends_at` counts for a resolve only.
        at: when this transition happened, where the sender says so apart from start and end.
    """

    status: Status
    identity: tuple[object, ...]
    titles: Iterable[object]
    kind: str = "alert"
    severity: object = None
    description: object = None
    resource: tuple[str, object] | None = None
    service: object = None
    environment: object = None
    region: object = None
    team: object = None
    labels: object = None
    metric: Metric | None = None
    links: Mapping[str, object] = field(default_factory=dict)
    starts_at: object = None
    ends_at: object = None
    at: object = None
    source_event_id: object = None


class Source(ABC):
    """An `AlertSource`: a vendor's module sets the declarations and writes `read`.

    Attributes:
        slug: the kind under which an endpoint is made; `formats` are further wire formats that it reads.
        media: media types that it sends besides JSON (`text/plain` whose body is JSON, or a form).
        answer: the field of a handshake's answer that holds `Parsed.reply`, where the sender waits for one.
        accepted: the status of an answer that its senders take for "kept"; some count nothing but 200.
        documentation: the vendor's page about this webhook.
        fingerprint_fields: the fields of `identity`, for people to read.
        statuses: the sender's word, lower case, to our status. A word that is not here is unclassified, and said.
        severities: the sender's words beyond `reading.SEVERITIES`, lower case, or those that mean something else here.
        assumed: the severity where the sender tells none that is known.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    documentation: ClassVar[str]
    fingerprint_fields: tuple[str, ...]
    formats: ClassVar[tuple[str, ...]] = ()
    media: ClassVar[frozenset[str]] = frozenset()
    answer: ClassVar[str] = ""
    accepted: ClassVar[int] = 202
    statuses: Mapping[str, Status] = {}
    severities: Mapping[str, Severity] = {}
    assumed: Severity = Severity.WARNING

    @abstractmethod
    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """What the body tells; or `rejected`, `ignored`, `control` where it is no alert."""

    def waits(self, delivery: RawDelivery) -> bool:  # noqa: ARG002 -- as the senders that shake hands need it
        """Whether this may be a handshake whose sender waits for the answer; looked at before the 2xx, so cheap."""
        return False

    def parse(self, delivery: RawDelivery) -> Parsed:
        """Understand a body, or say in the first warning why not."""
        notes = Notes()
        found = self.read(delivery, notes)
        if isinstance(found, Parsed):
            return Parsed(
                outcome=found.outcome, reply=found.reply, warnings=(*found.warnings, *notes.said), events=found.events
            )
        told = list(found)
        if len(told) > MOST_EVENTS:
            notes.add(f"Only the first {MOST_EVENTS:,} of {len(told):,} alerts in one delivery were read.")
        events = tuple(self._event(one, delivery, at, notes) for at, one in enumerate(told[:MOST_EVENTS]))
        return Parsed(outcome=Outcome.EVENTS if events else Outcome.IGNORED, events=events, warnings=tuple(notes.said))

    def status_of(self, word: object, notes: Notes) -> Status:
        """Our status for the sender's word; a word that is not known stays unclassified, and is noted."""
        said = str(word).strip().lower() if isinstance(word, str | int | float) else ""
        status = self.statuses.get(said)
        if status is None:
            notes.add(f"The status {str(word)[:40]!r} is not known; the alert is recorded as unclassified.")
        return status or Status.UNCLASSIFIED

    def _event(self, told: Told, delivery: RawDelivery, number: int, notes: Notes) -> AlertEvent:
        severity, raw, origin = self._severity(told.severity, notes)
        starts_at, quality = reading.moment(told.starts_at, delivery.received_at)
        if quality == "implausible":
            notes.add(f"The start {str(told.starts_at)[:40]!r} is no plausible time; the time of receipt counts.")
        resolved = told.status is Status.RESOLVED
        ends_at = reading.usable(told.ends_at, delivery.received_at) if resolved else None
        began_at = starts_at if quality != "implausible" else None
        at = reading.usable(told.at, delivery.received_at)
        return AlertEvent(
            event_id=f"{delivery.uid}-{number}",
            delivery_id=delivery.uid,
            source=delivery.source,
            source_event_id=reading.text(told.source_event_id, SOURCE_ID, notes, "id"),
            fingerprint=fingerprint(delivery.source, told.identity),
            status=told.status,
            severity=severity,
            severity_raw=raw,
            severity_source=origin,
            kind=told.kind,
            title=reading.title(told.titles, notes) or "An alert without a name",
            description=reading.text(told.description, reading.DESCRIPTION, notes, "description"),
            resource=_resource(told.resource, notes),
            service=reading.text(told.service, reading.WORD, notes, "service"),
            environment=reading.text(told.environment, 80, notes, "environment"),
            region=reading.text(told.region, 80, notes, "region"),
            team=reading.text(told.team, 80, notes, "team"),
            labels=reading.labels(told.labels, notes),
            metric=told.metric,
            links=_links(told.links, notes),
            starts_at=starts_at,
            ends_at=ends_at,
            starts_at_quality=quality,
            at=at or _event_time(told.status, began_at, ends_at, delivery.received_at),
            received_at=delivery.received_at,
        )

    def _severity(self, word: object, notes: Notes) -> tuple[Severity, str, str]:
        raw = reading.text(word, 80, notes, "severity")
        if not raw:
            return self.assumed, "", "default"
        severity = self.severities.get(raw.lower()) or reading.severity(raw)
        if severity is None:
            notes.add(f"The severity {raw[:40]!r} is not known; {self.assumed.value} is assumed.")
            return self.assumed, raw, "default"
        return severity, raw, "payload" if raw.lower() == severity.value else "map"


def rejected(why: str) -> Parsed:
    """It is none of this sender's bodies: a dead letter with its reason."""
    return Parsed(outcome=Outcome.REJECT, warnings=(why,))


def ignored(why: str) -> Parsed:
    """Real traffic that is no alert: recorded, and nothing changes."""
    return Parsed(outcome=Outcome.IGNORED, warnings=(why,))


def control(why: str, reply: str = "") -> Parsed:
    """A handshake or the confirmation of a subscription."""
    return Parsed(outcome=Outcome.CONTROL, warnings=(why,), reply=reply)


def objects(value: object, notes: Notes) -> list[Mapping[str, Any]]:
    """The objects of a list; what else stands in it is left out, and noted."""
    listed = value if isinstance(value, list) else []
    found = [one for one in listed if isinstance(one, Mapping)]
    if len(found) < len(listed):
        notes.add(f"{len(listed) - len(found)} of {len(listed)} are no objects, and were left out.")
    return found


def fingerprint(source: str, identity: tuple[object, ...]) -> str:
    """`v1:` and the SHA-256 of source and identity; numbers and texts of the same digits are the same."""
    plain = [value if isinstance(value, list | dict) else "" if value is None else str(value) for value in identity]
    told = json.dumps([source, *plain], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"v1:{hashlib.sha256(told.encode()).hexdigest()}"


def _resource(told: tuple[str, object] | None, notes: Notes) -> Resource | None:
    name = reading.text(told[1], RESOURCE_NAME, notes, "resource") if told else ""
    return Resource(type=told[0], name=name) if told and name else None


def _links(told: Mapping[str, object], notes: Notes) -> tuple[Link, ...]:
    found = (reading.link(rel, value, notes) for rel, value in told.items())
    return tuple(link for link in found if link is not None)


def _event_time(
    status: Status, starts_at: datetime | None, ends_at: datetime | None, received_at: datetime
) -> datetime:
    """When the transition happened: the start of a firing, the end of a resolve; our clock where theirs is silent."""
    if status is Status.RESOLVED:
        return ends_at or max(starts_at or received_at, received_at)
    return starts_at or received_at
