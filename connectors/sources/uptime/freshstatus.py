"""Freshstatus' webhooks (Freshworks): incidents of a status page, and notes on them.

A note closes an incident when its `incident_status` says so; there `id` is the note's and `incident_id` the
incident's. Every value is a text, `None` and `False` among them. Incident 1 is the test from its settings.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "open": Status.FIRING,
    "reopen": Status.FIRING,
    "reopened": Status.FIRING,
    "close": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "resolved": Status.RESOLVED,
}
NOTE = "INCIDENT_NOTE_CREATE"


class Freshstatus(Source):
    """Incidents of a Freshstatus page."""

    slug = "freshstatus"
    title = "Freshstatus"
    documentation = "https://support.freshstatus.io/"
    fingerprint_fields = ("incident_id of a note, else id",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand an incident, or the note that closes it."""
        body = _present(reading.mapping(delivery.value))
        event = _present(reading.mapping(body.get("event_data")))
        kind = event.get("event_type")
        if not isinstance(kind, str):
            return rejected("There is no `event_data.event_type`; this is no webhook of Freshstatus.")
        if not kind.startswith("INCIDENT_"):
            return ignored("A maintenance that the page announces, or another event that is no incident.")
        number = first(("incident_id", "id"), body)
        if str(number) == "1" and kind != NOTE:
            return ignored("A test from Freshstatus' settings.")
        word = first(("incident_status", "status"), body) or kind.removeprefix("INCIDENT_")
        if kind == NOTE and self.statuses.get(str(word).strip().lower()) is not Status.RESOLVED:
            return ignored("A note on an incident that stays as it was.")
        return [self._told(number, word, body, event.get("event_created_on"), notes)]

    def _told(self, number: object, word: object, body: Mapping[str, Any], at: object, notes: Notes) -> Told:
        affected = body.get("affected_services")
        names = [name.strip() for name in affected.split(",")] if isinstance(affected, str) else []
        return Told(
            status=self.status_of(word, notes),
            identity=("incident", number) if number else ("incident title", body.get("title")),
            titles=[body.get("title"), affected, body.get("description")],
            description=first(("description", "message"), body),
            service=next(iter(names), None),
            labels={"affected_services": affected} if len(names) > 1 else None,
            starts_at=body.get("start_time"),
            ends_at=body.get("end_time") or at,
            at=at,
            source_event_id=number,
        )


def _present(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without those that say `None`."""
    return {name: value for name, value in body.items() if value not in (None, "", "None")}
