"""Opsgenie's outgoing webhooks, and those of Jira Service Management's operations, which look the same.

The action is the transition; most actions (notes, tags, owners, escalations) change nothing, and neither do custom
actions, which bear the names that people gave them. A deleted alert is no evidence that the condition cleared.
`createdAt` counts milliseconds, `updatedAt` often nanoseconds; older bodies tell a priority as a number.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

STATUSES = {
    "create": Status.FIRING,
    "acknowledge": Status.ACKNOWLEDGED,
    "unacknowledge": Status.FIRING,
    "snooze": Status.SUPPRESSED,
    "snoozed": Status.SUPPRESSED,
    "snoozeended": Status.FIRING,
    "unsnooze": Status.FIRING,
    "close": Status.RESOLVED,
    "resolve": Status.RESOLVED,
}
PRIORITIES = {
    "1": Severity.CRITICAL,
    "2": Severity.HIGH,
    "3": Severity.WARNING,
    "4": Severity.INFO,
    "5": Severity.INFO,
}
NANOSECONDS = 10**17


class Opsgenie(Source):
    """Alerts of Opsgenie."""

    slug = "opsgenie"
    title = "Opsgenie"
    documentation = "https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/"
    fingerprint_fields = ("alertId", "else alias")
    statuses = STATUSES
    severities = PRIORITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one action on one alert."""
        body = reading.mapping(delivery.value)
        alert, action = reading.mapping(body.get("alert")), body.get("action")
        if not alert or not isinstance(action, str):
            return rejected("There is no `action` with an `alert`; this is no Opsgenie webhook.")
        word = action.replace(" ", "").replace("_", "").lower()
        if word not in STATUSES:
            return ignored(f"The action {action[:40]!r} does not change the alert's state.")
        if first(("alertId", "id", "alias"), alert) is None:
            return rejected("The alert has neither `alertId` nor `alias`.")
        return [self._told(alert, word, body, notes)]

    def _told(self, alert: Mapping[str, Any], word: str, body: Mapping[str, Any], notes: Notes) -> Told:
        told_id = first(("alertId", "id"), alert)
        details = reading.mapping(alert.get("details"))
        tags = reading.tags(alert.get("tags"))
        known = {**tags, **details}
        entity, host = alert.get("entity"), first(("host", "hostname", "instance", "pod"), known)
        return Told(
            status=self.status_of(word, notes),
            identity=("alert", told_id) if told_id is not None else ("alias", alert.get("alias")),
            titles=[alert.get("message"), alert.get("alias"), alert.get("description")],
            severity=alert.get("priority"),
            description=alert.get("description"),
            resource=("entity", entity) if entity else ("host", host) if host else None,
            service=first(("service", "service_name", "app", "application"), known),
            environment=first(("environment", "env", "stage"), known),
            region=known.get("region"),
            team=first(("team", "teamName"), alert) or known.get("team"),
            labels=known,
            links={"alert": first(("url", "webUrl", "link"), alert), "integration": body.get("integrationUrl")},
            starts_at=alert.get("createdAt"),
            ends_at=_milliseconds(alert.get("updatedAt")),
            at=None if word == "create" else _milliseconds(alert.get("updatedAt")),
            source_event_id=told_id,
        )


def _milliseconds(value: object) -> object:
    """Nanoseconds as milliseconds; any other clock as it is."""
    return value // 1_000_000 if isinstance(value, int) and value > NANOSECONDS else value
