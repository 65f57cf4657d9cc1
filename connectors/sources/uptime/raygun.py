"""Raygun's webhooks: errors that occur, and what people do about a group of errors.

A group has no id of its own in them; its address is the same in every body. Follow-ups come after 1, 5, 10, 30 and 60
minutes. An error without a message is called after its application.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "newerroroccurred": Status.FIRING,
    "errorreoccurred": Status.FIRING,
    "oneminutefollowup": Status.FIRING,
    "fiveminutefollowup": Status.FIRING,
    "tenminutefollowup": Status.FIRING,
    "thirtyminutefollowup": Status.FIRING,
    "hourlyfollowup": Status.FIRING,
    "active": Status.FIRING,
    "resolved": Status.RESOLVED,
    "ignored": Status.SUPPRESSED,
    "permanentlyignored": Status.SUPPRESSED,
    "permanently ignored": Status.SUPPRESSED,
}
NO_ALERTS = {"AssignedToUser": "The error was assigned to somebody.", "CommentAdded": "A comment on the error."}


class Raygun(Source):
    """Errors that Raygun's crash reporting sees."""

    slug = "raygun"
    title = "Raygun"
    documentation = "https://raygun.com/documentation/product-guides/crash-reporting/integrations/webhooks/"
    fingerprint_fields = ("error.url, else application.name and error.message",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one occurrence or one change of a group."""
        body = reading.mapping(delivery.value)
        error, word = reading.mapping(body.get("error")), body.get("eventType")
        if not isinstance(body.get("event"), str) or not isinstance(word, str):
            return rejected("There are no `event` and `eventType`; this is no webhook of Raygun.")
        if word != "StatusChanged" and word.lower() not in STATUSES:
            return ignored(NO_ALERTS.get(word, f"The event {word[:40]!r} says nothing of an error's state."))
        if not error:
            return rejected("There is no `error` beside the `eventType`.")
        return [self._told(error.get("status") if word == "StatusChanged" else word, error, body, notes)]

    def _told(self, word: object, error: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        application = reading.mapping(body.get("application"))
        name, url, message = application.get("name"), error.get("url"), error.get("message")
        return Told(
            status=self.status_of(word, notes),
            identity=("error", url) if url else ("message", name, message),
            titles=[message, f"An error in {name}" if name else None],
            service=name,
            environment=first(("env", "environment"), reading.tags(reading.mapping(error.get("instance")).get("tags"))),
            labels=_labels(error, notes),
            links={"error": url, "application": application.get("url")},
            starts_at=error.get("firstOccurredOn"),
            ends_at=error.get("activityDate"),
            at=first(("activityDate", "lastOccurredOn"), error),
        )


def _labels(error: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    tags = reading.mapping(error.get("instance")).get("tags")
    found = {name: error.get(name) for name in ("usersAffected", "totalOccurrences", "user")}
    found["tags"] = ", ".join(reading.text(tag, 80, notes, "tag") for tag in tags) if isinstance(tags, list) else None
    return {name: value for name, value in found.items() if value}
