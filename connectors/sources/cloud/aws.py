"""Amazon Web Services: CloudWatch alarms, AWS Health, GuardDuty and Security Hub, in whatever they come wrapped.

A topic of SNS posts an envelope with the message as JSON in a string, or the bare message with raw delivery; a Lambda
function or a queue forwards `Records`; EventBridge posts its event. The envelope's `Subject` says ALARM and OK too, and
is not read. Confirmations of subscriptions are recorded; nothing that they name is fetched here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.intake.envelopes import TEXT
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import aws_alarms, aws_events, shapes, sns
from connectors.told import Source, Told, control, ignored, rejected
from incidents.events import Severity, Status

STATUSES = {
    "alarm": Status.FIRING,
    "ok": Status.RESOLVED,
    "insufficient_data": Status.PENDING,
    "open": Status.FIRING,
    "upcoming": Status.FIRING,
    "closed": Status.RESOLVED,
    "new": Status.FIRING,
    "notified": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
    "suppressed": Status.SUPPRESSED,
}
SEVERITIES = {
    "issue": Severity.HIGH,
    "scheduledchange": Severity.WARNING,
    "investigation": Severity.WARNING,
    "accountnotification": Severity.INFO,
}
NOTHING = "There is no SNS message, no `Records`, no CloudWatch alarm and no EventBridge event in it."
MOST_WRAPPINGS = 4


class Aws(Source):
    """Alarms and events from Amazon Web Services."""

    slug = "aws"
    title = "Amazon Web Services (CloudWatch, SNS, EventBridge)"
    documentation = "https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html"
    media = frozenset({TEXT})
    formats = ("cloudwatch_sns", "cloudwatch_lambda", "aws_health")
    fingerprint_fields = ("AlarmArn, else account, region and AlarmName; eventArn of AWS Health; id of a finding",)
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Unwrap the body and understand what is in it."""
        return self._unwrap(delivery.value, "", MOST_WRAPPINGS, notes)

    def _unwrap(self, value: object, topic: str, left: int, notes: Notes) -> Parsed | Iterable[Told]:
        if left == 0:
            return rejected("The message is wrapped in more envelopes than are opened.")
        if isinstance(value, list):
            read = [self._unwrap(one, topic, left - 1, notes) for one in value if isinstance(one, Mapping)]
            return shapes.together(read, notes, NOTHING)
        body = reading.mapping(value)
        if isinstance(body.get("Records"), list):
            read = [self._record(reading.mapping(one), left, notes) for one in body["Records"]]
            return shapes.together(read, notes, "The list `Records` is empty.")
        if (isinstance(body.get("Type"), str) and body["Type"] in sns.SIGNED) or _holds_alarm(body):
            return self._envelope({"Type": "Notification", **body}, left, notes)
        return self._message(body, topic, notes)

    def _record(self, record: Mapping[str, Any], left: int, notes: Notes) -> Parsed | Iterable[Told]:
        envelope = reading.mapping(record.get("Sns"))
        if envelope:
            return self._envelope(envelope, left, notes)
        queued = nested(record.get("body"), notes)
        if queued is not None:
            return self._unwrap(queued, "", left - 1, notes)
        whose = reading.text(record.get("eventSource"), 40, notes, "source of a record") or "nobody"
        return ignored(f"A record of {whose} is no notification and no queued message.")

    def _envelope(self, body: Mapping[str, Any], left: int, notes: Notes) -> Parsed | Iterable[Told]:
        topic = reading.text(body.get("TopicArn"), 300, notes, "topic")
        kind = body.get("Type", "Notification")
        if kind == "SubscriptionConfirmation":
            return control(f"SNS asks to confirm the subscription to {topic or 'a topic'}; its SubscribeURL does that.")
        if kind == "UnsubscribeConfirmation":
            return control(f"SNS says that the subscription to {topic or 'a topic'} has ended.")
        message = nested(body.get("Message"), notes)
        told = reading.mapping(message).get("default")
        message = nested(told, notes) or message
        if message is None:
            return ignored("The notification's Message is plain text; only JSON tells of an alarm.")
        found = self._unwrap(message, topic, left - 1, notes)
        if isinstance(found, Parsed) and found.outcome == "reject":
            return ignored("The notification's Message is neither an alarm of CloudWatch nor an event that alerts.")
        return found

    def _message(self, body: Mapping[str, Any], topic: str, notes: Notes) -> Parsed | Iterable[Told]:
        if "AlarmName" in body and {"NewStateValue", "StateValue", "Trigger", "MetricName"} & set(body):
            return [aws_alarms.told(aws_alarms.from_sns(body, topic, notes), self, notes)]
        if "alarmName" in body and "value" in reading.mapping(body.get("state")):
            return [aws_alarms.told(aws_alarms.from_event({"detail": body}, notes), self, notes)]
        if isinstance(body.get("alarmData"), Mapping):
            return [aws_alarms.told(aws_alarms.from_event(body, notes), self, notes)]
        kind = body.get("detail-type")
        if isinstance(kind, str) and isinstance(body.get("detail"), Mapping):
            return self._bridged(kind, body, notes)
        return rejected(NOTHING)

    def _bridged(self, kind: str, body: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        if kind in {"CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"}:
            return [aws_alarms.told(aws_alarms.from_event(body, notes), self, notes)]
        if body.get("source") == "aws.health" or kind == "AWS Health Event":
            return [aws_events.health(body, self, notes)]
        if kind == "GuardDuty Finding":
            return [aws_events.guard_duty(body)]
        if kind.startswith("Security Hub Findings"):
            return aws_events.security_hub(body, self, notes) or ignored("The event of Security Hub holds no finding.")
        return ignored(f"The event {kind[:80]!r} is no alarm.")


def _holds_alarm(body: Mapping[str, Any]) -> bool:
    """Whether a relay handed on an alarm as an object in `Message`, without the rest of the envelope."""
    return "AlarmName" in reading.mapping(body.get("Message"))
