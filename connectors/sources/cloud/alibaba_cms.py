"""Alibaba Cloud Monitor: alerts of version 2.0, and threshold callbacks, system events and pushes of version 1.0.

A callback has an `alertState`; what an event subscription pushes has an `alert` with an `alertStatus`. Version 2.0
looks like a CloudEvent with `status` beside it; where `timestamp` (milliseconds) and `time` disagree, the first counts.
The texts "null" and "NULL" stand for no value. A system event says in its name how it ended.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Metric, Status

STATUSES = {
    "alert": Status.FIRING,
    "alarm": Status.FIRING,
    "firing": Status.FIRING,
    "triggered": Status.FIRING,
    "trigger": Status.FIRING,
    "active": Status.FIRING,
    "open": Status.FIRING,
    "unresolved": Status.FIRING,
    "occurred": Status.FIRING,
    "persistent": Status.FIRING,
    "normal_alert": Status.FIRING,
    "normal_trigger": Status.FIRING,
    "ok": Status.RESOLVED,
    "resolved": Status.RESOLVED,
    "recovered": Status.RESOLVED,
    "normal_resolve": Status.RESOLVED,
    "insufficient_data": Status.PENDING,
    "silenced": Status.SUPPRESSED,
    "executing": Status.FIRING,
    "scheduled": Status.FIRING,
    "inquiring": Status.FIRING,
    "failed": Status.FIRING,
    "error": Status.FIRING,
    "abnormal": Status.FIRING,
    "executed": Status.RESOLVED,
    "avoided": Status.RESOLVED,
    "canceled": Status.RESOLVED,
}
ABSENT = frozenset({"", "null", "none"})
NO_ALERT = frozenset({"normal", "finished", "succeeded", "success", "info"})
NOTHING = (
    "There is no `alertState`, no `alertStatus`, no `status` beside a `subject` and no system event; this is nothing "
    "of CloudMonitor's."
)


class AlibabaCms(Source):
    """Alerts of Alibaba Cloud Monitor."""

    slug = "alibaba_cms"
    title = "Alibaba Cloud Monitor"
    documentation = "https://www.alibabacloud.com/help/en/cms/"
    media = frozenset({FORM})
    fingerprint_fields = ("dedupId, else subject and instance; ruleId and dimensions; eventId of a system event",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one callback."""
        body = {name: _said(value) for name, value in reading.mapping(delivery.value).items()}
        if body.get("alertState") is not None:
            return [self._threshold(body, notes)]
        pushed = {name: _said(value) for name, value in reading.mapping(nested(body.get("alert"), notes)).items()}
        if pushed.get("alertStatus") is not None:
            return [self._pushed(body, pushed, notes)]
        content = reading.mapping(nested(body.get("content"), notes))
        if isinstance(body.get("product"), str) and isinstance(body.get("name"), str):
            return self._system_event(body, content, notes)
        word = body.get("status") or body.get("subtype")
        if word is not None and (isinstance(body.get("subject"), str) or body.get("ruleId") is not None):
            return [self._alert(body, word, notes)]
        return rejected(NOTHING)

    def _alert(self, body: Mapping[str, Any], word: object, notes: Notes) -> Told:
        """An alert of version 2.0."""
        own, data = reading.mapping(body.get("labels")), reading.mapping(body.get("data"))
        resource = reading.mapping(body.get("resource"))
        entity, told_tags = reading.mapping(resource.get("entity")), reading.mapping(resource.get("tags"))
        status = self.status_of(word, notes)
        at = first(("timestamp", "time"), body)
        about = {name: body.get(name) for name in ("ruleId", "workspace", "userId")}
        return Told(
            status=status,
            identity=_identity(body, entity, own),
            titles=[body.get("subject"), body.get("alertMessage")],
            severity=body.get("severity"),
            description=body.get("alertMessage") or reading.mapping(body.get("annotations")).get("description"),
            resource=_entity(entity, own, body.get("alertEntityId")),
            service=shapes.service(own, told_tags),
            environment=shapes.environment(own, told_tags),
            region=first(("regionId", "region"), own) or first(("regionId", "region"), told_tags),
            team=shapes.team(own, told_tags),
            labels=shapes.labels(own, told_tags, about),
            metric=_metric(first(("metricName", "metric"), data) or own.get("metricName") or body.get("subject"), data),
            links={
                "alert": body.get("alertHistoryUrl"),
                "rule": first(("ruleUrl", "alertRuleUrl"), body),
                "resource": body.get("entityUrl"),
            },
            starts_at=None if status is Status.RESOLVED else at,
            ends_at=at,
            at=at,
            source_event_id=first(("traceId", "id"), body),
        )

    def _threshold(self, body: Mapping[str, Any], notes: Notes) -> Told:
        """A callback of a threshold; its severity is the level now, or that before when all is well again."""
        split = _dimensions(body.get("dimensionsOriginal") or body.get("dimensions"), notes)
        status = self.status_of(body.get("alertState"), notes)
        at = body.get("timestamp")
        rule = first(("ruleId", "alertName"), body)
        about = {name: body.get(name) for name in ("namespace", "metricName", "expression", "ruleId")}
        return Told(
            status=status,
            identity=("rule", rule, split or [body.get("instanceName")]),
            titles=[body.get("alertName"), body.get("ruleName"), body.get("preName"), body.get("metricName")],
            severity=first(("triggerLevel", "preTriggerLevel"), body),
            description=shapes.paragraphs(_sentence(body)),
            resource=_instance(body, split),
            service=shapes.service(split),
            environment=shapes.environment(split),
            region=first(("regionId", "regionName"), body),
            labels=shapes.labels(split, about),
            metric=_metric(first(("rawMetricName", "metricName"), body), {"value": body.get("curValue")}),
            starts_at=None if status is Status.RESOLVED else at,
            ends_at=at,
            at=at,
        )

    def _pushed(self, body: Mapping[str, Any], alert: Mapping[str, Any], notes: Notes) -> Told:
        """What an event subscription pushes: a system event or a threshold's alert, with what is known in `meta`."""
        metas = reading.mapping(alert.get("meta"))
        meta = reading.mapping(first(("sysEventMeta", "metricMeta"), metas))
        stem, _, end = str(alert.get("eventName") or "").rpartition(":")
        ended = bool(stem) and end.lower() in STATUSES
        status = self.status_of(end if ended else alert["alertStatus"], notes)
        at = alert.get("timestamp") or body.get("time") or meta.get("eventTime")
        thing = first(("arn",), alert) or first(("resourceId", "instanceName"), meta)
        target = first(("instanceName", "resourceId"), meta) or alert.get("arn")
        return Told(
            status=status,
            identity=("pushed", alert.get("dedupId") or [stem if ended else alert.get("eventName"), thing]),
            titles=[first(("eventNameEn",), meta), alert.get("eventName"), meta.get("name"), meta.get("eventNameZh")],
            severity=alert.get("severity") or body.get("severity") or meta.get("level"),
            description=first(("reason", "reasonCode"), reading.mapping(alert.get("eventContentMap"))),
            resource=("instance", target) if target is not None else None,
            region=first(("regionId", "regionNameEn"), meta),
            labels={"product": alert.get("product") or meta.get("product"), "strategy": body.get("strategyName")},
            starts_at=None if status is Status.RESOLVED else at,
            ends_at=at,
            at=at,
            source_event_id=first(("traceId", "dedupId"), alert),
        )

    def _system_event(
        self, body: Mapping[str, Any], content: Mapping[str, Any], notes: Notes
    ) -> Parsed | Iterable[Told]:
        name = str(body["name"])
        stem, _, end = name.rpartition(":")
        word = end.lower() if stem and end.lower() in STATUSES else str(body.get("status") or "").lower()
        if not word or word in NO_ALERT:
            return ignored(f"The system event {name[:80]!r} is no failure.")
        known = first(("eventId",), content)
        at = first(("eventTime", "time"), body)
        status = self.status_of(word, notes)
        target = first(("instanceName",), body) or content.get("resourceId") or body.get("resourceId")
        return [
            Told(
                status=status,
                identity=("event", known) if known else ("event", stem or name, body.get("resourceId"), target),
                titles=[first(("eventNameEn",), body), name],
                severity=body.get("level"),
                description=first(("reason", "reasonCode"), content),
                resource=("instance", target),
                region=body.get("regionId"),
                labels={"product": body.get("product"), "rule": body.get("ruleName")},
                starts_at=None if status is Status.RESOLVED else at,
                ends_at=at,
                at=at,
                source_event_id=known,
            )
        ]


def _said(value: object) -> object:
    """The value, unless it is a text for none."""
    return None if isinstance(value, str) and value.strip().lower() in ABSENT else value


def _identity(body: Mapping[str, Any], entity: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[object, ...]:
    """What the recovery repeats: CloudMonitor's own id for it, else the alert's name and what it looks at."""
    if body.get("dedupId") is not None:
        return ("alert", body["dedupId"])
    thing = own.get("instanceId") or first(("entity_id", "entityId"), entity) or body.get("alertEntityId")
    return ("alert", first(("subject", "ruleId"), body), thing if thing is not None else dict(own))


def _entity(entity: Mapping[str, Any], own: Mapping[str, Any], entity_id: object) -> tuple[str, object] | None:
    kind = first(("entity_type", "entityType"), entity)
    name = first(("instanceName", "hostname"), own) or first(("entity_id", "entityId"), entity) or own.get("instanceId")
    name = name if name is not None else entity_id
    return (str(kind or "instance"), name) if name is not None else None


def _instance(body: Mapping[str, Any], split: Mapping[str, object]) -> tuple[str, object] | None:
    name = body.get("instanceName") or first(("instanceId", "instance"), split)
    return ("instance", name) if name is not None else None


def _dimensions(value: object, notes: Notes) -> dict[str, object]:
    """`{userId=12, instanceId=i-1}`, JSON in a text, or an object; the account's id is left out."""
    found = nested(value, notes) if isinstance(value, str) and '"' in value else value
    if isinstance(found, str):
        pairs = (part.partition("=") for part in re.split(r",\s*", found.strip().strip("{}")))
        found = {name.strip(): told.strip() for name, _, told in pairs if name.strip()}
    return {str(name): told for name, told in reading.mapping(found).items() if name != "userId"}


def _sentence(body: Mapping[str, Any]) -> str:
    said = [body.get(name) for name in ("metricName", "expression", "curValue")]
    return "{}: {}, now {}".format(*said) if all(one is not None for one in said) else ""


def _metric(name: object, data: Mapping[str, Any]) -> Metric | None:
    value, threshold = reading.number(data.get("value")), reading.number(data.get("threshold"))
    if not isinstance(name, str) or (value is None and threshold is None):
        return None
    return Metric(name=name[: reading.WORD], value=value, threshold=threshold)
