"""Kubernetes events: as objects of the API, from kubernetes-event-exporter (with its layouts too), Botkube and Flux.

An event is a Warning, or it is Normal and no alert. Nothing resolves a warning, save that a node's conditions have
reasons for both ways; those are read as firing and resolve, though both are Normal. The same object with the same
reason is the same alert. Flux tells a `severity` (info, error) instead of a type. Relays put the event into a field.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {"warning": Status.FIRING, "error": Status.FIRING}
NORMAL = frozenset({"normal", "info", "create", "update", "delete", "all", ""})
RECOVERIES = {
    "NodeReady": "NodeNotReady",
    "NodeSchedulable": "NodeNotSchedulable",
    "NodeHasSufficientMemory": "NodeHasInsufficientMemory",
    "NodeHasNoDiskPressure": "NodeHasDiskPressure",
    "NodeHasSufficientPID": "NodeHasInsufficientPID",
}
PROBLEMS = frozenset(RECOVERIES.values())
HOLDERS = ("object", "event", "data", "payload")
NOTHING = "There is no `involvedObject`, no `regarding` and nothing of Botkube's; this is no event of Kubernetes."
FIRST = ("firstTimestamp", "deprecatedFirstTimestamp", "eventTime", "TimeStamp", "createdAt", "timestamp")
LAST = ("lastTimestamp", "deprecatedLastTimestamp", "eventTime", "TimeStamp", "timestamp")


class Kubernetes(Source):
    """Warnings of a cluster."""

    slug = "kubernetes"
    title = "Kubernetes events"
    documentation = "https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/"
    fingerprint_fields = ("cluster, kind, namespace and name of the object, and the reason",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event, or a list of them."""
        body = reading.mapping(delivery.value)
        if str(body.get("apiVersion")).startswith("audit.k8s.io") or "eventmeta" in body:
            return ignored("A request or a change was recorded; that is no alert.")
        listed = body.get("items") if str(body.get("kind")).endswith("List") else delivery.value
        if isinstance(listed, list):
            read = [self._one(one, notes) for one in listed if isinstance(one, Mapping)]
            return shapes.together(read, notes, NOTHING)
        return self._one(body, notes)

    def _one(self, body: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        if isinstance(body.get("object"), Mapping) and body.get("type") in ("ADDED", "MODIFIED", "DELETED"):
            if body["type"] == "DELETED":
                return ignored("An event object was deleted; that is no alert.")
            body = body["object"]
        event = _event(body) or _event(_held(body))
        if event is None or not shapes.is_text(event.get("reason")):
            return rejected(NOTHING)
        return self._told(event, notes)

    def _told(self, event: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        reason, word = event["reason"], str(event.get("type") or "").lower()
        thing = reading.mapping(event.get("object"))
        if reason in RECOVERIES:
            status = Status.RESOLVED
        elif reason in PROBLEMS:
            status = Status.FIRING
        elif word in NORMAL:
            return ignored(f"The event {reason[:80]} is Normal, no warning.")
        else:
            status = self.status_of(word, notes)
        whose, at = shapes.labels(thing.get("labels")), event.get("last")
        named = shapes.texts([thing.get("namespace"), thing.get("name")])
        about = {name: event.get(name) for name in ("reason", "cluster", "component", "node", "count")}
        told = Told(
            status=status,
            identity=(
                "event",
                event.get("cluster"),
                *(thing.get(name) for name in ("kind", "namespace", "name")),
                RECOVERIES.get(reason, reason),
            ),
            titles=[f"{reason}: {thing.get('kind') or 'object'} {'/'.join(named)}".strip(), reason],
            severity=None if word in NORMAL else event.get("level") or event.get("type"),
            description=event.get("message"),
            resource=(str(thing.get("kind") or "object").lower(), thing.get("name")),
            service=shapes.service(whose),
            environment=shapes.environment(whose),
            team=shapes.team(whose),
            labels=shapes.labels(about, {"namespace": thing.get("namespace")}, whose),
            starts_at=None if status is Status.RESOLVED else event.get("first"),
            ends_at=at,
            at=at,
            source_event_id=event.get("uid"),
        )
        return [told]


def _held(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event of the API in a field into which a relay put it; a CloudEvent's is `data`."""
    held = [reading.mapping(body.get(name)) for name in HOLDERS]
    return next((one for one in held if "involvedObject" in one or "regarding" in one), {})


def _event(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The event's fields under one set of names, whoever sent it; None for what is no event."""
    thing = first(("involvedObject", "regarding"), body)
    if isinstance(thing, Mapping):
        return _object(body, thing)
    if isinstance(body.get("meta"), Mapping) and isinstance(body.get("status"), Mapping):
        return _old_botkube(body, body["meta"], body["status"])
    data = reading.mapping(body.get("data"))
    if "Kind" in data and "Reason" in data:
        return _botkube(data)
    details = reading.mapping(body.get("details")) or body
    return _layout(body, details) if "reason" in details and "kind" in details and "name" in details else None


def _object(body: Mapping[str, Any], thing: Mapping[str, Any]) -> dict[str, Any]:
    """Of the API, core/v1 or events.k8s.io/v1; the exporter adds the object's labels and the cluster's name."""
    series, by = reading.mapping(body.get("series")), reading.mapping(body.get("source"))
    metadata = reading.mapping(body.get("metadata"))
    made = metadata.get("creationTimestamp")
    return {
        "object": thing,
        "reason": body.get("reason"),
        "message": first(("message", "note"), body),
        "type": first(("type", "severity"), body),
        "cluster": first(("clusterName",), body) or metadata.get("clusterName"),
        "component": first(("reportingComponent", "reportingController"), body) or by.get("component"),
        "node": by.get("host"),
        "count": first(("count", "deprecatedCount"), body) or series.get("count"),
        "first": first(FIRST, body) or made,
        "last": series.get("lastObservedTime") or first(LAST, body) or made,
        "uid": metadata.get("uid"),
    }


def _botkube(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of Botkube 1: Go's own names, and a state of the object without a reason where it is no event."""
    return {
        "object": {name.lower(): data.get(name) for name in ("Kind", "Name", "Namespace")},
        "reason": data.get("Reason") or data.get("Title"),
        "message": shapes.paragraphs(*shapes.texts(data.get("Messages")), data.get("Error")),
        "type": data.get("Type"),
        "level": data.get("Level"),
        "cluster": data.get("Cluster"),
        "count": data.get("Count"),
        "first": data.get("TimeStamp"),
        "last": data.get("TimeStamp"),
    }


def _old_botkube(body: Mapping[str, Any], meta: Mapping[str, Any], status: Mapping[str, Any]) -> dict[str, Any]:
    """Of Botkube before 1."""
    return {
        "object": {name: meta.get(name) for name in ("kind", "name", "namespace")},
        "reason": status.get("reason") or status.get("type"),
        "message": shapes.paragraphs(*shapes.texts(status.get("messages")), status.get("error")) or body.get("summary"),
        "type": status.get("type"),
        "level": status.get("level"),
        "cluster": meta.get("cluster"),
        "first": body.get("timestamp"),
        "last": body.get("timestamp"),
    }


def _layout(body: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """Of the exporter with a layout such as its documentation shows."""
    labels = details.get("labels")
    return {
        "object": {**{name: details.get(name) for name in ("kind", "name", "namespace")}, "labels": labels},
        "reason": details.get("reason"),
        "message": details.get("message"),
        "type": details.get("type"),
        "cluster": first(("cluster", "clusterName"), details) or body.get("cluster"),
        "component": details.get("component"),
        "node": details.get("host"),
        "count": details.get("count"),
        "first": first(FIRST, details) or first(FIRST, body),
        "last": first((*LAST, "createdAt"), details) or first((*LAST, "createdAt"), body),
    }
