"""Uptime Kuma's own webhook, one heartbeat a delivery: as JSON, or as the field `data` of a multipart form.

Status is a number: 0 down, 1 up, 2 pending, 3 maintenance. Tests and warnings about certificates come as a text alone,
without monitor and heartbeat: nothing in them can be told apart but words, so they are recorded and change nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import PARTS
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {
    "0": Status.FIRING,
    "1": Status.RESOLVED,
    "2": Status.PENDING,
    "3": Status.SUPPRESSED,
    "down": Status.FIRING,
    "up": Status.RESOLVED,
    "pending": Status.PENDING,
    "maintenance": Status.SUPPRESSED,
}
DAY = 1440
NUMBERS = ("monitorID", "monitor_id")
NO_TARGET = ("http://", "https://")
"""What stands in `url` of a monitor that has none, such as one of a port."""


class UptimeKuma(Source):
    """Heartbeats of Uptime Kuma's monitors."""

    slug = "uptime_kuma"
    title = "Uptime Kuma"
    documentation = "https://github.com/louislam/uptime-kuma/wiki/Notification-Methods"
    media = frozenset({PARTS})
    fingerprint_fields = ("monitor.id, else monitor.name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one heartbeat."""
        body = reading.mapping(delivery.value)
        if "heartbeat" not in body and "monitor" not in body:
            return rejected("There is neither `heartbeat` nor `monitor`; this is no webhook of Uptime Kuma.")
        heartbeat, monitor = reading.mapping(body.get("heartbeat")), reading.mapping(body.get("monitor"))
        if not heartbeat:
            return ignored("There is no heartbeat in it: a test, or a text about a certificate.")
        name = first(("id", "name"), monitor) or first(NUMBERS, heartbeat)
        if not reading.text(name, reading.WORD, notes, "monitor"):
            return rejected("The monitor has neither `id` nor `name`.")
        return [self._told(heartbeat, monitor, body, notes)]

    def _told(
        self, heartbeat: Mapping[str, Any], monitor: Mapping[str, Any], body: Mapping[str, Any], notes: Notes
    ) -> Told:
        status = self.status_of(heartbeat.get("status"), notes)
        at = _time(heartbeat)
        labels = _labels(monitor, notes)
        number = first(("id",), monitor) or first(NUMBERS, heartbeat)
        return Told(
            status=status,
            identity=("monitor", number) if number is not None else ("monitor name", monitor.get("name")),
            titles=[monitor.get("name"), monitor.get("pathName"), body.get("msg"), heartbeat.get("msg")],
            description=heartbeat.get("msg") or body.get("msg"),
            resource=("target", _target(monitor)),
            environment=first(("environment", "env"), labels),
            labels=labels,
            links={"target": monitor.get("url") if monitor.get("url") not in NO_TARGET else None},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )


def _time(heartbeat: Mapping[str, Any]) -> object:
    """`time` is UTC; `localDateTime` is in the zone of `timezoneOffset`, `+05:30` or 330 minutes."""
    local, offset = heartbeat.get("localDateTime"), heartbeat.get("timezoneOffset")
    if heartbeat.get("time") or not isinstance(local, str):
        return heartbeat.get("time")
    minutes = reading.number(offset)
    if minutes is not None and abs(minutes) < DAY:
        hours, rest = divmod(abs(int(minutes)), 60)
        offset = f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    return f"{local}{offset}" if isinstance(offset, str) else local


def _target(monitor: Mapping[str, Any]) -> object:
    url = monitor.get("url")
    return monitor.get("hostname") or (url if url not in NO_TARGET else None)


def _labels(monitor: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    tags = objects(monitor.get("tags"), notes)
    told = {str(tag.get("name")): tag.get("value") or "" for tag in tags if tag.get("name")}
    return {**told, **{name: monitor[name] for name in ("type", "port") if monitor.get(name)}}
