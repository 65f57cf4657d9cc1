"""Freshping's webhooks (Freshworks): one check's state a delivery.

The test from its settings is an ordinary body whose application is called `Webhook test`.
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
    "not responding": Status.FIRING,
    "reporting error": Status.FIRING,
    "performance degraded": Status.FIRING,
    "degraded": Status.FIRING,
    "paused": Status.SUPPRESSED,
}
TEST = "Webhook test"


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
        data = reading.mapping(body.get("webhook_event_data"))
        if not data:
            return rejected("There is no object `webhook_event_data`; this is no webhook of Freshping.")
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
            description=data.get("check_state_name"),
            resource=("target", data.get("request_url")),
            labels={name: data[name] for name in labels if data.get(name)},
            links={"target": data.get("request_url")},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )
