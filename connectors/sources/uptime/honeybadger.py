"""Honeybadger's webhooks: faults, sites, certificates, check-ins and alarms of a project.

`event` tells what happened and thereby which object the alert is about. Payload versions 2 and 3 are read. What people
do about a fault (assign, comment) and deployments are no alerts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "occurred": Status.FIRING,
    "unresolved": Status.FIRING,
    "rate_exceeded": Status.FIRING,
    "resolved": Status.RESOLVED,
    "volume_spike": Status.FIRING,
    "down": Status.FIRING,
    "up": Status.RESOLVED,
    "cert_will_expire": Status.FIRING,
    "check_in_missing": Status.FIRING,
    "check_in_reporting": Status.RESOLVED,
    "alarm_alert": Status.FIRING,
    "alarm_ok": Status.RESOLVED,
}
NO_ALERTS = {
    "assigned": "The fault was assigned to somebody.",
    "unassigned": "The fault was taken from somebody.",
    "commented": "A comment on the fault.",
    "deployed": "A deployment.",
    "test": "A test from Honeybadger's settings.",
}
OBJECTS = ("fault", "check_in", "alarm", "site", "volume_spike")


class Honeybadger(Source):
    """Events of Honeybadger's projects."""

    slug = "honeybadger"
    title = "Honeybadger"
    documentation = "https://docs.honeybadger.io/guides/integrations/webhook/"
    fingerprint_fields = ("kind and id of the fault, site, check-in or alarm, else project and name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event."""
        body = reading.mapping(delivery.value)
        word = body.get("event")
        if not isinstance(word, str):
            return rejected("There is no `event`; this is no webhook of Honeybadger.")
        if word in NO_ALERTS:
            return ignored(NO_ALERTS[word])
        body = _with_fault(body)
        kind = next((name for name in OBJECTS if reading.mapping(body.get(name))), None)
        if kind is None:
            return rejected(f"The event has none of {', '.join(OBJECTS)}.")
        at = {"unresolved": delivery.received_at}.get(word, reading.mapping(body[kind]).get("last_notice_at"))
        return [self._told(word, kind, body, at, notes)]

    def _told(self, word: str, kind: str, body: Mapping[str, Any], at: object, notes: Notes) -> Told:
        thing, project = reading.mapping(body[kind]), reading.mapping(body.get("project"))
        sent_from = reading.mapping(reading.mapping(body.get("notice")).get("environment"))
        outage = reading.mapping(body.get("outage"))
        number = thing.get("id")
        who = (kind, number) if number else (kind, project.get("id"), _name(kind, thing))
        status = self.status_of(word, notes)
        began = ("created_at", "expected_at") if status is Status.FIRING else ("created_at",)
        ended = first(("up_at",), outage) or first(("reported_at", "last_checked_at"), thing)
        return Told(
            status=status,
            identity=("certificate", *who) if word == "cert_will_expire" else who,
            titles=[_name(kind, thing), body.get("message")],
            description=body.get("message"),
            resource=("target", thing.get("url")) if kind == "site" else None,
            service=project.get("name"),
            environment=thing.get("environment") or sent_from.get("environment_name"),
            labels=_labels(word, thing),
            links=_links(thing, reading.mapping(body.get("notice"))),
            starts_at=first(("down_at",), outage) or first(began, thing),
            ends_at=None if kind == "fault" else ended,
            at=at if status is Status.FIRING else None,
            source_event_id=number,
        )


def _with_fault(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with a fault made of its notice, where it has a notice alone."""
    notice = reading.mapping(body.get("notice"))
    if not notice or reading.mapping(body.get("fault")):
        return body
    return {**body, "fault": {**notice, "id": notice.get("fault_id")}}


def _name(kind: str, thing: Mapping[str, Any]) -> object:
    """What people call it: class and message of a fault, else its name."""
    if kind == "fault":
        told = [thing.get(name) for name in ("klass", "message")]
        return ": ".join(part for part in told if isinstance(part, str) and part) or None
    return first(("name", "url"), thing)


def _labels(word: str, thing: Mapping[str, Any]) -> dict[str, object]:
    found = {"event": word, **{name: thing.get(name) for name in ("component", "action", "notices_count")}}
    return {name: value for name, value in found.items() if value}


def _links(thing: Mapping[str, Any], notice: Mapping[str, Any]) -> dict[str, object]:
    web = reading.mapping(thing.get("links")).get("web")
    return {"honeybadger": web or first(("details_url", "url"), thing), "notice": notice.get("url")}
