"""ThousandEyes' webhooks: alerts of tests, and notifications about its own agents.

`alertId` (or `agentNotificationId`) is the same in trigger and clear, `eventId` is not. Numbers of both kinds may be
above 2^49 and are read as texts. Older alerts carry no severity.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {
    "alert_notification_trigger": Status.FIRING,
    "alert_notification_clear": Status.RESOLVED,
    "agent_alert_notification_trigger": Status.FIRING,
    "agent_alert_notification_clear": Status.RESOLVED,
}
NUMBERS = ("alertId", "agentNotificationId", "id")


class ThousandEyes(Source):
    """Alerts and agent notifications of ThousandEyes."""

    slug = "thousandeyes"
    title = "Cisco ThousandEyes"
    documentation = (
        "https://docs.thousandeyes.com/product-documentation/alerts/standard-notification-methods"
        "/classic-webhooks-for-alert-notifs"
    )
    fingerprint_fields = ("alertId or agentNotificationId, else rule and test or agent",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one trigger or clear; a relay may have put several in a list."""
        value = delivery.value
        bodies = objects(value, notes) if isinstance(value, list) else [reading.mapping(value)]
        if any(body.get("eventType") == "WEBHOOK_TEST" for body in bodies):
            return ignored("A test from the settings of the webhook.")
        found = [(body["eventType"], _alert(body)) for body in bodies if isinstance(body.get("eventType"), str)]
        told = [self._told(word, alert, notes) for word, alert in found if alert]
        return told or rejected("There are no `eventType` and no `alert` or `agentAlert` beside it.")

    def _told(self, word: str, alert: Mapping[str, Any], notes: Notes) -> Told:
        number = first(NUMBERS, alert)
        rule, test = (
            alert.get(f"{part}Name") or reading.mapping(alert.get(part)).get("name") for part in ("rule", "test")
        )
        return Told(
            status=self.status_of(word, notes),
            identity=("alert", number) if number is not None else ("rule", rule, test, alert.get("agentName")),
            titles=[f"{rule}: {test}" if rule and test else rule, test, alert.get("ruleExpression")],
            severity=alert.get("severity"),
            description=alert.get("ruleExpression"),
            resource=_resource(alert),
            labels={name: alert[name] for name in ("type", "testName", "ipAddress", "hostname") if alert.get(name)},
            links={"alert": alert.get("permalink")},
            starts_at=first(("dateStartZoned", "dateStart"), alert),
            ends_at=first(("dateEndZoned", "dateEnd"), alert),
            source_event_id=number,
        )


def _alert(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Notifications about agents tell it twice in newer bodies, and under the second name alone in older ones."""
    return reading.mapping(body.get("alert")) or reading.mapping(body.get("agentAlert"))


def _resource(alert: Mapping[str, Any]) -> tuple[str, object] | None:
    """The agent itself where it is about one, else what the test looks at."""
    agent = first(("agentName", "hostname"), alert)
    if agent:
        return ("agent", agent)
    targets = alert.get("testTargetsDescription")
    target = targets[0] if isinstance(targets, list) and targets else targets
    return ("target", target) if isinstance(target, str) else None
