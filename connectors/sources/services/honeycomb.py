"""Honeycomb's webhooks: triggers and burn alerts of service level objectives.

`status` is the state. A trigger notifies as a whole; the groups over its threshold are told, and are no identity,
because the OK names none. Bodies marked `is_test` are tests.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "triggered": Status.FIRING,
    "alerting": Status.FIRING,
    "ok": Status.RESOLVED,
    "resolved": Status.RESOLVED,
}
URLS = ("trigger_url", "slo_url", "result_url")
IS_ONE = (*URLS, "result_groups", "result_groups_triggered", "trigger_description", "burn_alert_id", "slo")


class Honeycomb(Source):
    """Triggers and burn alerts of Honeycomb."""

    slug = "honeycomb"
    title = "Honeycomb"
    documentation = "https://docs.honeycomb.io/notify/alert/triggers/"
    fingerprint_fields = ("id", "else name")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one change of a trigger or a burn alert."""
        body = reading.mapping(delivery.value)
        slo = reading.mapping(body.get("slo"))
        if first(("id", "name"), {**slo, **body}) is None or not any(name in body for name in IS_ONE):
            return rejected("There is no `name` with a `trigger_url` or results; this is no Honeycomb webhook.")
        if body.get("is_test") is True:
            return ignored("It is a test notification.")
        return [self._told(body, slo, notes)]

    def _told(self, body: Mapping[str, Any], slo: Mapping[str, Any], notes: Notes) -> Told:
        told_id, name = first(("id", "trigger_id", "burn_alert_id"), body), body.get("name") or slo.get("name")
        groups = _groups(body)
        status = self.status_of(body.get("status"), notes)
        return Told(
            status=status,
            identity=("id", told_id) if told_id is not None else ("name", name, body.get("dataset_name")),
            titles=[name, body.get("summary"), body.get("description")],
            severity=first(("severity", "alert_severity"), body),
            description=first(("description", "trigger_description", "summary"), body),
            service=first(("service.name", "service_name", "service"), groups) or body.get("dataset_name"),
            environment=body.get("environment"),
            labels=groups,
            links={"trigger": first(("trigger_url", "slo_url"), body), "result": body.get("result_url")},
            starts_at=body.get("timestamp") if status is Status.FIRING else None,
            ends_at=body.get("timestamp"),
            at=body.get("timestamp"),
            source_event_id=told_id,
        )


def _groups(body: Mapping[str, Any]) -> dict[str, Any]:
    """The first group over the threshold."""
    listed = body.get("result_groups_triggered")
    told = reading.mapping(listed[0] if isinstance(listed, list) and listed else None)
    return dict(reading.mapping(told.get("Group")))
