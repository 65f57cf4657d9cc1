"""Axiom's custom webhook: a monitor that opens or closes.

The default template puts everything into `event`; flat ones are read too. A match monitor never closes. The groups by
which a monitor splits its query tell its alerts apart.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Metric, Status

STATUSES = {
    "open": Status.FIRING,
    "opened": Status.FIRING,
    "closed": Status.RESOLVED,
    "close": Status.RESOLVED,
}
NOT_A_GROUP = frozenset(["", "null"])


class Axiom(Source):
    """Monitors of Axiom."""

    slug = "axiom"
    title = "Axiom"
    documentation = "https://axiom.co/docs/monitor-data/custom-webhook-notifier"
    fingerprint_fields = ("monitorID", "group values")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one opening or closing of a monitor."""
        body = reading.mapping(delivery.value)
        told = {_plain(name): value for name, value in {**body, **reading.mapping(body.get("event"))}.items()}
        if told.get("action") in (None, "") or first(("monitorid", "title"), told) is None:
            return rejected("There is no `action` with a `monitorID`; this is no Axiom webhook.")
        return [self._told(told, notes)]

    def _told(self, told: Mapping[str, Any], notes: Notes) -> Told:
        monitor, groups = told.get("monitorid"), _groups(told)
        status = self.status_of(told["action"], notes)
        at = first(("timestamp", "queryendtime"), told)
        matched = reading.mapping(told.get("matchedevent"))
        value = told.get("value")
        return Told(
            status=status,
            identity=("monitor", monitor if monitor is not None else told.get("title"), groups),
            titles=[told.get("title"), told.get("description"), f"Axiom monitor {str(monitor)[:80]}"],
            severity=told.get("severity"),
            description=first(("body", "description"), told),
            service=first(("service", "service.name"), {**matched, **groups}),
            environment=first(("environment", "env"), {**matched, **groups}),
            labels=groups,
            metric=Metric(name="value", value=float(value))
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
            else None,
            links={"monitor": first(("monitorurl", "url"), told)},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=monitor,
        )


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _groups(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the monitor is grouped by: `groupKeys` beside `groupValues`."""
    keys, values = told.get("groupkeys"), told.get("groupvalues")
    if not isinstance(keys, list) or not isinstance(values, list):
        return {}
    return {str(key): value for key, value in zip(keys, values, strict=False) if str(value) not in NOT_A_GROUP}
