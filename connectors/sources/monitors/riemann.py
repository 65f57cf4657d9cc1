"""Riemann: events as JSON, one or several, as people's streams post them.

`state` is both status and severity. `expired` means that nothing was heard of the service within its time to live;
such an event often carries nothing but host and service.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Metric, Severity, Status

STATUSES = {
    **dict.fromkeys(("ok", "normal", "up", "cleared", "resolved"), Status.RESOLVED),
    **dict.fromkeys(("critical", "crit", "fatal", "error", "major", "high", "warning", "warn", "minor"), Status.FIRING),
    **dict.fromkeys(("down", "failed", "failure", "unknown", "expired", "info", "informational"), Status.FIRING),
}
SEVERITIES = {
    "down": Severity.CRITICAL,
    "failed": Severity.HIGH,
    "failure": Severity.HIGH,
    "expired": Severity.WARNING,
    "unknown": Severity.WARNING,
    "up": Severity.INFO,
    "normal": Severity.INFO,
}
OWN = ("host", "service", "state", "description", "metric", "time", "time_micros", "ttl", "tags")


class Riemann(Source):
    """Events of Riemann."""

    slug = "riemann"
    title = "Riemann"
    documentation = "https://riemann.io/concepts.html"
    fingerprint_fields = ("host, service",)
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event or a list of them."""
        body = reading.mapping(delivery.value)
        inner = body.get("events", [body])
        listed = delivery.value if isinstance(delivery.value, list) else inner
        found = [one for one in objects(listed, notes) if isinstance(one.get("service"), str) and _is_event(one)]
        if not found:
            return rejected(
                "There is no event with a `service` and a `state` or a `metric`; this is nothing of Riemann's."
            )
        return [self._told(event, notes) for event in found]

    def _told(self, event: Mapping[str, Any], notes: Notes) -> Told:
        host, service, state = event.get("host"), event.get("service"), event.get("state")
        status = self.status_of(state, notes)
        value = reading.number(event.get("metric"))
        named = reading.text(service, reading.WORD, notes, "service")
        where = f"{named} on {host}" if host else named
        return Told(
            status=status,
            identity=("service", host, service),
            titles=[event.get("description"), event.get("event"), f"{where} is {state}" if state else where],
            severity=state,
            description=event.get("description"),
            resource=("host", host),
            service=service,
            environment=event.get("environment"),
            region=event.get("region"),
            team=event.get("team"),
            labels={name: inner for name, inner in event.items() if name not in OWN and isinstance(inner, str)},
            metric=Metric(name=named, value=value) if named and value is not None else None,
            starts_at=event.get("time") if status is not Status.RESOLVED else None,
            ends_at=event.get("time"),
            at=event.get("time"),
        )


def _is_event(told: Mapping[str, Any]) -> bool:
    return "state" in told or {"host", "metric"} <= set(told)
