"""Healthchecks (healthchecks.io and its own servers): one check a delivery, in a body that a person chose.

Read are the check's JSON (`$JSON`) alone or under `check`, and flat bodies of the placeholders: code, name, status,
now, tags. A check that never came and one that is paused are no alerts, and never sent.
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
    "grace": Status.PENDING,
    "new": Status.PENDING,
    "started": Status.PENDING,
    "paused": Status.SUPPRESSED,
}
NUMBERS = ("uuid", "unique_key", "code")
LABELS = ("slug", "tags", "schedule", "timeout", "grace", "n_pings")


class Healthchecks(Source):
    """Checks of Healthchecks that go down and up."""

    slug = "healthchecks"
    title = "Healthchecks"
    documentation = "https://healthchecks.io/docs/configuring_notifications/"
    fingerprint_fields = ("code, uuid or unique_key; else slug or name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one check."""
        body = reading.mapping(delivery.value)
        check = {**body, **reading.mapping(body.get("check"))}
        number, name = first(NUMBERS, check), first(("slug", "name"), check)
        number = number or _plain(body.get("check"))
        known = str(check.get("status")).lower() in self.statuses
        if "status" not in check or not (number or (known and reading.text(name, reading.WORD, notes, "check"))):
            return rejected("There are no `status` and no `code`, `uuid` or `name` of a check.")
        return [self._told(number, name, check, notes)]

    def _told(self, number: object, name: object, check: Mapping[str, Any], notes: Notes) -> Told:
        status = self.status_of(check.get("status"), notes)
        at = first(("now", "time"), check)
        return Told(
            status=status,
            identity=("check", number) if number else ("check name", name),
            titles=[check.get("name"), name, number],
            description=first(("desc", "body"), check),
            labels={name: check[name] for name in LABELS if check.get(name)},
            links={"check": first(("details_url", "url"), check)},
            starts_at=at if status is Status.FIRING else None,
            ends_at=first(("now", "time", "last_ping"), check),
            at=at,
            source_event_id=number,
        )


def _plain(value: object) -> object:
    return value if isinstance(value, str) else None
