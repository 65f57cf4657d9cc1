"""updown.io's webhooks: a bare array of events, in order, each with its check.

A check going down, its certificate being invalid, its certificate expiring and its getting slow are told by events of
their own, and are alerts of their own: the certificate's renewal does not mean that the site is up.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {
    "check.down": Status.FIRING,
    "check.up": Status.RESOLVED,
    "check.ssl_invalid": Status.FIRING,
    "check.ssl_valid": Status.RESOLVED,
    "check.ssl_expiration": Status.FIRING,
    "check.ssl_renewed": Status.RESOLVED,
    "check.performance_drop": Status.FIRING,
}
SYMPTOMS = {
    "check.down": "uptime",
    "check.up": "uptime",
    "check.ssl_invalid": "certificate",
    "check.ssl_valid": "certificate",
    "check.ssl_expiration": "expiry",
    "check.ssl_renewed": "expiry",
    "check.performance_drop": "performance",
}


class Updown(Source):
    """Events of updown.io's checks."""

    slug = "updown"
    title = "updown.io"
    documentation = "https://updown.io/api"
    fingerprint_fields = ("check.token, else check.url", "uptime, certificate, expiry or performance")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand a list of events."""
        value = delivery.value
        listed = [value] if isinstance(value, Mapping) and isinstance(value.get("event"), str) else value
        if not isinstance(listed, list):
            return rejected("The body is no list of events; this is no webhook of updown.io.")
        if not listed:
            return ignored("The list holds no events.")
        events = [event for event in objects(listed, notes) if isinstance(event.get("event"), str)]
        if not any(reading.mapping(event.get("check")) for event in events):
            return rejected("No event has both `event` and `check`.")
        known = [event for event in events if event["event"] in SYMPTOMS and _name(event) is not None]
        if len(known) < len(events):
            others = sorted({event["event"][:40] for event in events if event["event"] not in SYMPTOMS})
            notes.add(f"Events that say nothing about an alert: {', '.join(others) or 'without a check'}.")
        return [self._told(event, notes) for event in known]

    def _told(self, event: Mapping[str, Any], notes: Notes) -> Told:
        word = event["event"]
        check, downtime = reading.mapping(event.get("check")), reading.mapping(event.get("downtime"))
        status = self.status_of(word, notes)
        at = event.get("time")
        url = check.get("url")
        return Told(
            status=status,
            identity=(SYMPTOMS[word], _name(event)),
            titles=[check.get("alias"), url],
            description=first(("error",), downtime) or event.get("description") or check.get("error"),
            resource=("target", url),
            labels={"event": word, "last_status": check.get("last_status") or ""},
            links={"target": url, "downtime": downtime.get("details_url")},
            starts_at=downtime.get("started_at") or (at if status is Status.FIRING else None),
            ends_at=downtime.get("ended_at") or at,
            at=at,
            source_event_id=check.get("token"),
        )


def _name(event: Mapping[str, Any]) -> object:
    return first(("token", "url"), reading.mapping(event.get("check")))
