"""Pingdom's webhooks: state changes of uptime and transaction checks, and the older BeepManager's.

A delivery tells the new state in `current_state`. Severity is `importance_level` (HIGH or LOW) where it is sent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Status

STATUSES = {
    "down": Status.FIRING,
    "up": Status.RESOLVED,
    "failing": Status.FIRING,
    "success": Status.RESOLVED,
    "successful": Status.RESOLVED,
    "unconfirmed_down": Status.PENDING,
    "paused": Status.SUPPRESSED,
    "assign": Status.FIRING,
    "notify_of_close": Status.RESOLVED,
}


class Pingdom(Source):
    """State changes of Pingdom's checks."""

    slug = "pingdom"
    title = "Pingdom"
    documentation = "https://www.pingdom.com/resources/webhooks/"
    fingerprint_fields = ("check_id, else check_name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one state change."""
        body = reading.mapping(delivery.value)
        number, name = first(("check_id", "check"), body), first(("check_name", "checkname"), body)
        if not any(reading.text(told, reading.WORD, notes, "check") for told in (number, name)):
            return rejected("There is neither `check_id` nor `check_name`; this is no webhook of Pingdom.")
        if "current_state" not in body and "action" not in body:
            return rejected("There is no `current_state`; this is no state change of Pingdom's.")
        status = self.status_of(first(("current_state", "action"), body), notes)
        return [_told(body, status, number, name)]


def _told(body: Mapping[str, Any], status: Status, number: object, name: object) -> Told:
    params = reading.mapping(body.get("check_params"))
    host = first(("hostname", "full_url", "url"), params) or body.get("host")
    at = first(("state_changed_timestamp", "state_changed_utc_time"), body)
    probe = reading.mapping(body.get("first_probe"))
    tags = _tags(body)
    known = reading.tags(tags)
    return Told(
        status=status,
        identity=("check", number) if number is not None else ("check name", name),
        titles=[name, host],
        severity=body.get("importance_level"),
        description=first(("long_description", "description", "custom_message"), body),
        resource=("target", host),
        service=known.get("service") or None,
        environment=first(("environment", "env"), known),
        labels=_labels(body, probe, tags),
        links={"target": params.get("full_url")},
        starts_at=at if status is Status.FIRING else None,
        ends_at=at,
        at=at,
        source_event_id=number,
    )


def _tags(body: Mapping[str, Any]) -> list[str]:
    """The tags as texts; some write them as objects with a name, or as one text with commas."""
    told = body.get("tags")
    listed = told.split(",") if isinstance(told, str) else told if isinstance(told, list) else []
    names = (tag.get("name") if isinstance(tag, Mapping) else tag for tag in listed)
    return [name.strip() for name in names if isinstance(name, str)]


def _labels(body: Mapping[str, Any], probe: Mapping[str, Any], tags: list[str]) -> dict[str, object]:
    found = {
        "check_type": body.get("check_type"),
        "probe": probe.get("location"),
        "tags": ", ".join(tags),
    }
    return {name: value for name, value in found.items() if value}
