"""Freshping's webhooks (Freshworks): one check's state a delivery.

The test from its settings is an ordinary body whose application is called `Webhook test`. The other of its two bodies
says it at the top, with other names; only when and by which webhook it was sent lies in `event_data`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "available": Status.RESOLVED,
    "performance good": Status.RESOLVED,
    "not responding": Status.FIRING,
    "reporting error": Status.FIRING,
    "performance degraded": Status.FIRING,
    "degraded": Status.FIRING,
    "paused": Status.SUPPRESSED,
}
TEST = "Webhook test"
NAMES = {
    "check_url": "request_url",
    "request_datetime": "request_start_time",
    "response_state": "check_state_name",
    "response_status_code": "http_status_code",
}
"""What the flat body calls the fields of `webhook_event_data`."""


class Freshping(Source):
    """States of Freshping's checks."""

    slug = "freshping"
    title = "Freshping"
    documentation = "https://support.freshping.io/"
    fingerprint_fields = ("webhook_event_data.check_id, else its request_url",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one state of a check."""
        body = reading.mapping(delivery.value)
        data = reading.mapping(body.get("webhook_event_data")) or _flat(body)
        if not data:
            return rejected("There is neither `webhook_event_data` nor `response_state`; this is no Freshping webhook.")
        if data.get("application_name") == TEST:
            return ignored("A test from Freshping's settings.")
        if first(("check_id", "request_url", "check_name"), data) is None:
            return rejected("The check has neither `check_id` nor `request_url` nor `check_name`.")
        return [self._told(data, body, notes)]

    def _told(self, data: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        status = self.status_of(data.get("check_state_name"), notes)
        at = data.get("request_start_time") or body.get("webhook_event_created_on")
        number = data.get("check_id")
        labels = ("http_status_code", "response_time", "application_name")
        return Told(
            status=status,
            identity=("check", number) if number else ("target", first(("request_url", "check_name"), data)),
            titles=[data.get("check_name"), data.get("request_url")],
            description=data.get("response_summary") or data.get("check_state_name"),
            resource=("target", data.get("request_url")),
            labels={name: data[name] for name in labels if data.get(name)},
            links={"target": data.get("request_url")},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    if "response_state" not in body:
        return {}
    told = {NAMES.get(name, name): value for name, value in body.items() if value != "None"}
    sent = reading.mapping(body.get("event_data")).get("event_created_on")
    return told if told.get("request_start_time") else {**told, "request_start_time": sent}
