"""ThousandEyes' webhooks: alerts of tests, and notifications about its own agents.

`alertId` (or `agentNotificationId`) is the same in trigger and clear, `eventId` is not. Numbers of both kinds may be
above 2^49 and are read as texts. Older alerts carry no severity.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
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
        """Understand one trigger or clear; a relay may have put it in a list of its own."""
        value = delivery.value
        body = reading.mapping(value[0] if isinstance(value, list) and len(value) == 1 else value)
        word = body.get("eventType")
        if word == "WEBHOOK_TEST":
            return ignored("A test from the settings of the webhook.")
        alert = next((found for name in ("alert", "agentAlert") if (found := reading.mapping(body.get(name)))), None)
        if not isinstance(word, str) or alert is None:
            return rejected("There are no `eventType` and no `alert` or `agentAlert` beside it.")
        return [self._told(word, alert, notes)]

    def _told(self, word: str, alert: Mapping[str, Any], notes: Notes) -> Told:
        number = first(NUMBERS, alert)
        rule, test = alert.get("ruleName"), alert.get("testName")
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


def _resource(alert: Mapping[str, Any]) -> tuple[str, object] | None:
    """The agent itself where it is about one, else what the test looks at."""
    agent = first(("agentName", "hostname"), alert)
    if agent:
        return ("agent", agent)
    targets = alert.get("testTargetsDescription")
    target = targets[0] if isinstance(targets, list) and targets else targets
    return ("target", target) if isinstance(target, str) else None
