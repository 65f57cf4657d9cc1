"""Better Stack Uptime (formerly Better Uptime): incidents, in the shape of its API.

`event` tells what happened; bodies without it tell the state in `attributes.status`. Changes of monitors and of who is
on call come to the same address where somebody chose so, and are no alerts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "started": Status.FIRING,
    "reopened": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
    "unconfirmed": Status.PENDING,
    "validating": Status.PENDING,
}


class BetterStack(Source):
    """Incidents of Better Stack Uptime."""

    slug = "betterstack"
    title = "Better Stack"
    documentation = "https://betterstack.com/docs/uptime/webhooks/"
    fingerprint_fields = ("data.id",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand what happened to one incident."""
        body = reading.mapping(delivery.value)
        data = reading.mapping(body.get("data"))
        kind, attributes = data.get("type"), reading.mapping(data.get("attributes"))
        if not isinstance(kind, str) or not attributes:
            return rejected("There is no `data` with a type and attributes; this is no webhook of Better Stack.")
        if kind != "incident":
            return ignored(f"It is about a {kind[:40]}, not about an incident.")
        if not reading.text(data.get("id"), reading.WORD, notes, "id"):
            return rejected("The incident has no `id`.")
        return [self._told(body.get("event") or attributes.get("status"), data, attributes, notes)]

    def _told(self, word: object, data: Mapping[str, Any], attributes: Mapping[str, Any], notes: Notes) -> Told:
        status = self.status_of(word, notes)
        acknowledged = attributes.get("acknowledged_at") if status is Status.ACKNOWLEDGED else None
        return Told(
            status=status,
            identity=("incident", data.get("id")),
            titles=[attributes.get("name"), attributes.get("url"), attributes.get("cause")],
            description=attributes.get("cause"),
            resource=("target", attributes.get("url")),
            team=attributes.get("team_name"),
            labels=attributes.get("metadata"),
            links={
                "incident": attributes.get("origin_url"),
                "target": attributes.get("url"),
                "screenshot": attributes.get("screenshot_url"),
            },
            starts_at=attributes.get("started_at"),
            ends_at=attributes.get("resolved_at"),
            at=acknowledged,
            source_event_id=data.get("id"),
        )
