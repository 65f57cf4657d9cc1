"""Kapacitor's post handler and the HTTP endpoints of InfluxDB 2 (names with an underscore).

The level is both status and severity: OK ends the alert. Its `id` is the same at every level; `previousLevel` is the
past. Kapacitor writes durations in nanoseconds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.sources.monitors.alertmanager import ENVIRONMENT, RESOURCES, SERVICE
from connectors.told import Source, Told, objects, rejected
from incidents.events import Metric, Status

STATUSES = {
    "ok": Status.RESOLVED,
    **dict.fromkeys(("info", "warn", "warning", "crit", "critical"), Status.FIRING),
}
WITH_HOST = ("host", *RESOURCES)


class Kapacitor(Source):
    """Alerts from Kapacitor's post handler and from checks of InfluxDB 2."""

    slug = "kapacitor"
    title = "Kapacitor and InfluxDB"
    documentation = "https://docs.influxdata.com/kapacitor/v1/reference/event_handlers/post/"
    formats = ("influxdb",)
    fingerprint_fields = ("id", "InfluxDB 2: _check_id and tags")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert at one level."""
        body = reading.mapping(delivery.value)
        if body.get("_check_id") or body.get("_check_name"):
            return [self._check(body, notes)]
        if not isinstance(body.get("id"), str | int | float) or not (
            "level" in body or {"data", "message"} <= set(body)
        ):
            return rejected("There is no `id` with a `level`; this is no Kapacitor alert.")
        return [self._alert(body, notes)]

    def _alert(self, body: Mapping[str, Any], notes: Notes) -> Told:
        series = next(iter(objects(reading.mapping(body.get("data")).get("series"), notes)), {})
        tags = reading.mapping(series.get("tags"))
        level = body.get("level")
        if level in (None, ""):
            notes.add("There is no `level`; it counts as firing.")
        return _told(
            Status.FIRING if level in (None, "") else self.status_of(level, notes),
            tags,
            identity=("alert", body.get("id")),
            titles=[body.get("message"), body.get("id")],
            severity=level,
            description=first(("details", "message"), body),
            metric=_metric(series),
            time=body.get("time"),
            source_event_id=body.get("id"),
        )

    def _check(self, body: Mapping[str, Any], notes: Notes) -> Told:
        tags = {name: value for name, value in body.items() if not name.startswith("_") and isinstance(value, str)}
        return _told(
            self.status_of(body.get("_level"), notes),
            tags,
            identity=("check", body.get("_check_id") or body.get("_check_name"), tags),
            titles=[body.get("_message"), body.get("_check_name")],
            severity=body.get("_level"),
            description=body.get("_message"),
            metric=None,
            time=first(("_status_timestamp", "_time"), body),
            source_event_id=body.get("_check_id"),
        )


def _told(status: Status, tags: Mapping[str, Any], *, time: object, **told: Any) -> Told:  # noqa: ANN401 -- of Told
    return Told(
        status=status,
        resource=next(((kind, tags[kind]) for kind in WITH_HOST if tags.get(kind)), None),
        service=first(SERVICE, tags),
        environment=first(ENVIRONMENT, tags),
        region=first(("region", "datacenter", "dc"), tags),
        team=tags.get("team"),
        labels=tags,
        starts_at=time if status is not Status.RESOLVED else None,
        ends_at=time,
        at=time,
        **told,
    )


def _metric(series: Mapping[str, Any]) -> Metric | None:
    """The last row's first number."""
    columns, rows = series.get("columns"), series.get("values")
    row = rows[-1] if isinstance(rows, list) and rows and isinstance(rows[-1], list) else []
    pairs = zip(columns, row, strict=False) if isinstance(columns, list) else ()
    for column, value in pairs:
        if isinstance(value, int | float) and not isinstance(value, bool) and column != "time":
            return Metric(
                name=f"{series.get('name') or ''}.{column}".strip(".")[: reading.WORD], value=reading.number(value)
            )
    return None
