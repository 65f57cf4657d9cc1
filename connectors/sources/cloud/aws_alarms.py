"""CloudWatch alarms in their three spellings: of SNS (`AlarmName`), EventBridge (`detail`), Lambda (`alarmData`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import reading
from connectors.base import first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told
from incidents.events import Metric, Status

RESOURCES = (
    "InstanceId",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "FunctionName",
    "BucketName",
    "QueueName",
    "TableName",
    "TopicName",
    "CacheClusterId",
    "DomainName",
    "LoadBalancer",
    "LoadBalancerName",
    "TargetGroup",
    "AutoScalingGroupName",
    "VolumeId",
    "FileSystemId",
    "PodName",
    "ServiceName",
    "ClusterName",
    "ApiName",
    "StateMachineArn",
    "HealthCheckId",
)
UNITS = {"percent": "%", "bytes": "By", "seconds": "s", "milliseconds": "ms", "microseconds": "us", "count": "1"}
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm's state and what it watches, whichever the spelling."""

    name: object
    arn: str
    account: object
    region: object
    word: object
    reason: object
    description: object
    changed_at: object
    contributor: object
    metrics: tuple[Mapping[str, Any], ...]
    threshold: float | None
    unit: object


def region_of(arn: object) -> str:
    """The region that an ARN names; empty where it names none."""
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 5 and REGION.fullmatch(parts[3]) else ""


def from_sns(body: Mapping[str, Any], topic: str, notes: Notes) -> Alarm:
    """The message that an alarm publishes to a topic; or as a relay wrote it anew, flat, perhaps without a state."""
    trigger = reading.mapping(body.get("Trigger")) or body
    word = first(("NewStateValue", "StateValue"), body)
    if word is None:
        notes.add("There is no `NewStateValue`; the alarm counts as firing.")
    arn = body["AlarmArn"] if shapes.is_text(body.get("AlarmArn")) else ""
    metrics = trigger.get("Metrics")
    watched = [_stat(one, "MetricStat", "Metric") for one in metrics] if isinstance(metrics, list) else [trigger]
    return Alarm(
        name=body.get("AlarmName"),
        arn=arn,
        account=body.get("AWSAccountId"),
        region=region_of(arn) or region_of(topic) or body.get("Region"),
        word="ALARM" if word is None else word,
        reason=first(("NewStateReason", "StateReason"), body),
        description=body.get("AlarmDescription"),
        changed_at=first(("StateChangeTime", "StateUpdatedTimestamp"), body),
        contributor=body.get("AlarmContributorId"),
        metrics=tuple(one for one in watched if one),
        threshold=reading.number(trigger.get("Threshold")),
        unit=trigger.get("Unit"),
    )


def from_event(body: Mapping[str, Any], notes: Notes) -> Alarm:
    """EventBridge's `CloudWatch Alarm State Change`, or what an alarm hands to a Lambda function."""
    detail = reading.mapping(body.get("detail") or body.get("alarmData"))
    state, configured = reading.mapping(detail.get("state")), reading.mapping(detail.get("configuration"))
    arns = [body.get("alarmArn"), *shapes.texts(body.get("resources"))]
    arn = next((one for one in arns if isinstance(one, str) and ":alarm:" in one), "")
    listed = configured.get("metrics")
    watched = [_stat(one, "metricStat", "metric") for one in listed] if isinstance(listed, list) else []
    data = reading.mapping(nested(state.get("reasonData"), notes))
    return Alarm(
        name=detail.get("alarmName"),
        arn=arn,
        account=first(("account", "accountId"), body),
        region=region_of(arn) or body.get("region"),
        word=state.get("value"),
        reason=state.get("reason"),
        description=configured.get("description"),
        changed_at=state.get("timestamp") or body.get("time"),
        contributor=reading.mapping(detail.get("alarmContributor")).get("id"),
        metrics=tuple(one for one in watched if one),
        threshold=reading.number(data.get("threshold")),
        unit=data.get("unit"),
    )


def told(alarm: Alarm, source: Source, notes: Notes) -> Told:
    """One transition of an alarm. CloudWatch has no severities."""
    status = source.status_of(alarm.word, notes)
    name = reading.text(alarm.name, reading.WORD, notes, "name of the alarm")
    dimensions = shapes.labels(*(shapes.pairs(first(("Dimensions", "dimensions"), one)) for one in alarm.metrics))
    watched = alarm.metrics[0] if alarm.metrics else {}
    metric = reading.text(first(("MetricName", "name"), watched), reading.WORD, notes, "metric")
    about = {
        "account": alarm.account,
        "namespace": first(("Namespace", "namespace"), watched),
        "metric": metric,
        "alarm": name,
    }
    unit = UNITS.get(str(alarm.unit).lower(), "")
    return Told(
        status=status,
        identity=("alarm", alarm.arn or [alarm.account, alarm.region, name], alarm.contributor or ""),
        titles=[name],
        description=shapes.paragraphs(alarm.description, alarm.reason),
        resource=_resource(dimensions),
        service=shapes.service(dimensions),
        environment=shapes.environment(dimensions),
        region=alarm.region,
        labels=shapes.labels(dimensions, about),
        metric=Metric(name=metric, unit=unit, threshold=alarm.threshold) if metric else None,
        starts_at=alarm.changed_at if status is Status.FIRING else None,
        ends_at=alarm.changed_at,
        at=alarm.changed_at,
        source_event_id=alarm.arn,
    )


def _stat(one: object, outer: str, within: str) -> Mapping[str, Any]:
    """The metric in an entry of an alarm's list; expressions watch none themselves."""
    return reading.mapping(reading.mapping(reading.mapping(one).get(outer)).get(within))


def _resource(dimensions: Mapping[str, object]) -> tuple[str, object] | None:
    kinds = [*(name for name in RESOURCES if name in dimensions), *dimensions]
    return (kinds[0], dimensions[kinds[0]]) if kinds else None
