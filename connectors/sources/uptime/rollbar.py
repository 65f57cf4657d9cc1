"""Rollbar's webhooks: items, and what happens to them.

An item is a group of like occurrences; its `id` is the same from the first occurrence to the resolve. Its level is a
number (50 critical to 10 debug) or a word, and may rise. Deployments and tests are no alerts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

STATUSES = {
    "new_item": Status.FIRING,
    "occurrence": Status.FIRING,
    "exp_repeat_item": Status.FIRING,
    "item_velocity": Status.FIRING,
    "reactivated_item": Status.FIRING,
    "reopened_item": Status.FIRING,
    "resolved_item": Status.RESOLVED,
}
SEVERITIES = {
    "50": Severity.CRITICAL,
    "40": Severity.HIGH,
    "30": Severity.WARNING,
    "20": Severity.INFO,
    "10": Severity.INFO,
}
NO_ALERTS = {"deploy": "A deployment.", "test": "A test from Rollbar's settings."}


class Rollbar(Source):
    """Items of Rollbar."""

    slug = "rollbar"
    title = "Rollbar"
    documentation = "https://docs.rollbar.com/docs/webhooks"
    fingerprint_fields = ("data.item.id, else its hash and environment",)
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand what happened to one item."""
        body = reading.mapping(delivery.value)
        word, data = body.get("event_name"), reading.mapping(body.get("data"))
        if isinstance(word, str) and word in NO_ALERTS:
            return ignored(NO_ALERTS[word])
        item = reading.mapping(data.get("item"))
        if not isinstance(word, str) or first(("id", "hash", "title"), item) is None:
            return rejected("There are no `event_name` and no `data.item` with an id.")
        if word not in STATUSES:
            return ignored(f"The event {word[:40]!r} says nothing of an item's state.")
        at = delivery.received_at if word == "reopened_item" else item.get("last_occurrence_timestamp")
        return [self._told(word, item, data, at, notes)]

    def _told(self, word: str, item: Mapping[str, Any], data: Mapping[str, Any], at: object, notes: Notes) -> Told:
        last = reading.mapping(data.get("occurrence")) or reading.mapping(item.get("last_occurrence"))
        number, environment = item.get("id"), item.get("environment") or last.get("environment")
        status = self.status_of(word, notes)
        return Told(
            status=status,
            identity=("item", number) if number else ("hash", first(("hash", "title"), item), environment),
            titles=[item.get("title"), last.get("title")],
            severity=first(("level",), item) or last.get("level"),
            description=_message(last),
            resource=("host", reading.mapping(last.get("server")).get("host")),
            environment=environment,
            labels=_labels(word, item, last),
            links={"item": data.get("url") or item.get("url")},
            starts_at=first(("first_occurrence_timestamp", "last_activated_timestamp"), item),
            ends_at=item.get("last_resolved_timestamp"),
            at=at if status is Status.FIRING else None,
            source_event_id=number,
        )


def _message(last: Mapping[str, Any]) -> object:
    body = reading.mapping(last.get("body"))
    trace = reading.mapping(reading.mapping(body.get("trace")).get("exception"))
    return reading.mapping(body.get("message")).get("body") or first(("message", "description"), trace)


def _labels(word: str, item: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, object]:
    found = {
        "event_name": word,
        "project_id": item.get("project_id"),
        "counter": item.get("counter"),
        "total_occurrences": item.get("total_occurrences"),
        "language": last.get("language"),
    }
    return {name: value for name, value in found.items() if value}
