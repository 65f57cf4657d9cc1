"""Oracle Cloud Monitoring: alarm messages as the Notifications service posts them, and its request to be confirmed.

The message's `type` says what happened, and `dedupeKey` (also spelled `dedupekey`) stays the same for the alarm, or for
one metric stream of it where messages are split. RESET means that the metric is no longer sent, which ends the alarm.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import TEXT
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, control, ignored, rejected
from incidents.events import Metric, Status

STATUSES = {
    "ok_to_firing": Status.FIRING,
    "repeat": Status.FIRING,
    "firing": Status.FIRING,
    "firing_to_ok": Status.RESOLVED,
    "reset": Status.RESOLVED,
    "ok": Status.RESOLVED,
    "suspended": Status.SUPPRESSED,
}
RESOURCES = ("resourceDisplayName", "resourceName", "displayName", "resourceId")


class Oci(Source):
    """Alarms of Oracle Cloud Infrastructure."""

    slug = "oci"
    title = "Oracle Cloud Monitoring"
    documentation = "https://docs.oracle.com/iaas/Content/Monitoring/alarm-message-format.htm"
    media = frozenset({TEXT})
    fingerprint_fields = ("dedupeKey, else the alarm's id",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alarm message."""
        body = reading.mapping(delivery.value)
        if "ConfirmationURL" in body or delivery.headers.get("x-oci-ns-messagetype") == "SubscriptionConfirmation":
            return control("Oracle asks to confirm the subscription; its ConfirmationURL does that.")
        if "cloudEventsVersion" in body or "eventType" in body:
            return ignored("An event of Oracle Cloud, no alarm.")
        alarms = shapes.several(body.get("alarmMetaData"))
        key = first(("dedupeKey", "dedupekey"), body)
        if not alarms and (key is None or "type" not in body):
            return rejected("There are neither `alarmMetaData` nor a `dedupeKey`; this is no alarm of Oracle Cloud.")
        if str(body.get("type")).upper() == "RULE_CHANGE":
            return ignored("The alarm's definition was changed; that says nothing of its state.")
        return [self._told(body, alarms[0] if alarms else {}, notes)]

    def _told(self, body: Mapping[str, Any], alarm: Mapping[str, Any], notes: Notes) -> Told:
        streams = shapes.several(alarm.get("dimensions"))
        shared = _shared(streams)
        key = first(("dedupeKey", "dedupekey"), body)
        at = first(("timestamp", "timestampEpochMillis"), body)
        status = self.status_of(body.get("type") or alarm.get("status"), notes)
        about = {"alarm": alarm.get("id"), "namespace": alarm.get("namespace"), "query": alarm.get("query")}
        return Told(
            status=status,
            identity=("alarm", key if key is not None else alarm.get("id") or body.get("title")),
            titles=[body.get("title"), alarm.get("alarmSummary"), body.get("body")],
            severity=first(("severity",), body) or alarm.get("severity"),
            description=shapes.paragraphs(body.get("body"), alarm.get("alarmSummary")),
            resource=_resource(shared, streams),
            service=shapes.service(shared),
            environment=shapes.environment(shared),
            region=shared.get("region"),
            team=shapes.team(shared),
            labels=shapes.labels(shared, about, {"streams": alarm.get("totalMetricsFiring")}),
            metric=_metric(alarm),
            links={"alarm": alarm.get("alarmUrl")},
            starts_at=None if status is Status.RESOLVED else at,
            ends_at=at,
            at=at,
            source_event_id=key,
        )


def _shared(streams: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The dimensions in which all metric streams agree."""
    first_one = dict(streams[0]) if streams else {}
    return {name: value for name, value in first_one.items() if all(one.get(name) == value for one in streams)}


def _resource(shared: Mapping[str, Any], streams: list[Mapping[str, Any]]) -> tuple[str, object] | None:
    """The resource that all streams share, else the first one's."""
    for dimensions in (shared, *streams[:1]):
        name = first(RESOURCES, dimensions)
        if name is not None:
            return ("resource", name)
    return None


def _metric(alarm: Mapping[str, Any]) -> Metric | None:
    query = alarm.get("query")
    values = shapes.several(alarm.get("metricValues"))
    if not isinstance(query, str) or not query.strip():
        return None
    value = next((reading.number(one) for one in values[0].values()), None) if values else None
    return Metric(name=query.partition("[")[0].strip()[: reading.WORD] or query[: reading.WORD], value=value)
