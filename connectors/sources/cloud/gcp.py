"""Google Cloud: incidents of Monitoring (schema 1.0 to 1.2), over a webhook or Pub/Sub, and what else it pushes.

A push of Pub/Sub holds the message in base64, or nothing but the message with payload unwrapping. `started_at: 0` says
that the start is not known. The severity is the policy's (1.2); one among a resource's labels is not the incident's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Metric, Status

STATUSES = {
    "open": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "closed": Status.RESOLVED,
    "active": Status.FIRING,
    "inactive": Status.RESOLVED,
}
UNSAID = frozenset({"no severity", "severity_unspecified", "unspecified"})
NOTHING = "There is no `incident`, no message of Pub/Sub and no finding in it; this is nothing of Google Cloud's."


class Gcp(Source):
    """Incidents of Cloud Monitoring, findings of the Security Command Center, errors of Error Reporting."""

    slug = "gcp"
    title = "Google Cloud Monitoring"
    documentation = "https://cloud.google.com/monitoring/support/notification-options#webhooks"
    formats = ("gcp_monitoring", "gcp_pubsub")
    fingerprint_fields = ("incident_id; name of a finding; link of an error group",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand a notification, unwrapped from Pub/Sub if need be."""
        body = reading.mapping(delivery.value)
        message = body.get("message")
        if isinstance(message, Mapping) and ("data" in message or "messageId" in message or "attributes" in message):
            return self._pushed(message, notes)
        return self._notified(body, notes) or rejected(NOTHING)

    def _pushed(self, message: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        data = message.get("data")
        if data in (None, ""):
            return ignored("The message of Pub/Sub has attributes only; there is no alert in it.")
        found = nested(shapes.decoded(data), notes)
        if not isinstance(found, Mapping):
            return ignored("The message of Pub/Sub holds no JSON object; there is no alert in it.")
        told = self._notified(found, notes)
        return told or ignored("The message of Pub/Sub is neither an incident nor a finding.")

    def _notified(self, body: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told] | None:
        if isinstance(body.get("incident"), Mapping) and body["incident"]:
            return [self._incident(body["incident"], notes)]
        if isinstance(body.get("finding"), Mapping) and body["finding"]:
            return [self._finding(body["finding"], notes)]
        if isinstance(body.get("group_info"), Mapping) and isinstance(body.get("event_info"), Mapping):
            return [_error(body)]
        if "budgetDisplayName" in body:
            return (
                [_budget(body)] if _is_spent(body) else ignored("A budget tells what was spent; nothing is exceeded.")
            )
        return None

    def _incident(self, told: Mapping[str, Any], notes: Notes) -> Told:
        resource, metric = reading.mapping(told.get("resource")), reading.mapping(told.get("metric"))
        metadata, condition = reading.mapping(told.get("metadata")), reading.mapping(told.get("condition"))
        own = shapes.labels(told.get("policy_user_labels"), metadata.get("user_labels"))
        where, series = reading.mapping(resource.get("labels")), reading.mapping(metric.get("labels"))
        about = {name: told.get(name) for name in ("policy_name", "condition_name", "scoping_project_id")}
        document = told.get("documentation")
        document = document if isinstance(document, Mapping) else {"content": document}
        return Told(
            status=self.status_of(told.get("state"), notes),
            identity=_identity(told, where),
            titles=[told.get("summary"), document.get("subject"), told.get("policy_name"), told.get("condition_name")],
            severity=_severity(told.get("severity")),
            description=shapes.paragraphs(document.get("content"), document.get("subject"), told.get("summary")),
            resource=_resource(told, resource),
            service=shapes.service(own, series, where),
            environment=shapes.environment(own, series),
            region=first(("region", "location", "zone"), where),
            team=shapes.team(own),
            labels=shapes.labels(own, series, where, about),
            metric=_metric(told, metric, condition),
            links={"incident": told.get("url"), **_documents(document)},
            starts_at=told.get("started_at"),
            ends_at=told.get("ended_at"),
            source_event_id=told.get("incident_id"),
        )

    def _finding(self, found: Mapping[str, Any], notes: Notes) -> Told:
        """A finding of the Security Command Center."""
        name = first(("canonicalName", "name"), found)
        is_muted = found.get("mute") == "MUTED"
        status = self.status_of(found.get("state"), notes)
        return Told(
            status=Status.SUPPRESSED if is_muted and status is Status.FIRING else status,
            identity=("finding", name),
            titles=[found.get("category"), found.get("description")],
            severity=_severity(found.get("severity")),
            description=found.get("description"),
            resource=("resource", found.get("resourceName")),
            labels={"class": found.get("findingClass")},
            links={"finding": found.get("externalUri")},
            starts_at=first(("eventTime", "createTime"), found),
            ends_at=found.get("eventTime"),
            at=found.get("eventTime"),
            source_event_id=name,
        )


def _identity(told: Mapping[str, Any], where: Mapping[str, Any]) -> tuple[object, ...]:
    if told.get("incident_id") not in (None, ""):
        return ("incident", told["incident_id"])
    named = [told.get(name) for name in ("policy_name", "condition_name", "resource_id", "resource_name")]
    return ("condition", *named, dict(where))


def _severity(word: object) -> object:
    """The word, unless it says that there is none."""
    return None if isinstance(word, str) and word.strip().lower() in UNSAID else word


def _resource(told: Mapping[str, Any], resource: Mapping[str, Any]) -> tuple[str, object] | None:
    name = first(("resource_display_name", "resource_name", "resource_id"), told)
    kind = first(("type",), resource) or first(("resource_type_display_name",), told)
    return (str(kind or "resource"), name) if name else None


def _metric(told: Mapping[str, Any], metric: Mapping[str, Any], condition: Mapping[str, Any]) -> Metric | None:
    name = first(("type", "displayName"), metric)
    if not isinstance(name, str):
        return None
    threshold = told.get("threshold_value") or reading.mapping(condition.get("conditionThreshold")).get(
        "thresholdValue"
    )
    value = reading.number(told.get("observed_value"))
    return Metric(name=name[: reading.WORD], value=value, threshold=reading.number(threshold))


def _documents(document: Mapping[str, Any]) -> dict[str, object]:
    links = shapes.several(document.get("links"))
    return {"runbook": links[0].get("url")} if links else {}


def _error(body: Mapping[str, Any]) -> Told:
    """An error group that Error Reporting saw for the first time, or again after it was resolved."""
    group, event = reading.mapping(body.get("group_info")), reading.mapping(body.get("event_info"))
    thrown = reading.mapping(body.get("exception_info"))
    return Told(
        status=Status.FIRING,
        identity=("error", first(("detail_link", "group_id"), group) or [thrown.get("type"), event.get("service")]),
        titles=[body.get("subject"), thrown.get("message"), thrown.get("type")],
        description=shapes.paragraphs(thrown.get("message"), event.get("log_message")),
        service=event.get("service"),
        labels={"type": thrown.get("type"), "version": event.get("version"), "project": group.get("project_id")},
        links={"error": group.get("detail_link")},
    )


def _is_spent(body: Mapping[str, Any]) -> bool:
    return any(body.get(name) is not None for name in ("alertThresholdExceeded", "forecastThresholdExceeded"))


def _budget(body: Mapping[str, Any]) -> Told:
    """A budget of which a share is spent; the notice repeats several times a day until the next period."""
    return Told(
        status=Status.FIRING,
        identity=("budget", body.get("budgetDisplayName"), body.get("costIntervalStart")),
        titles=[body.get("budgetDisplayName")],
        description=f"{body.get('costAmount')} of {body.get('budgetAmount')} {body.get('currencyCode')} are spent.",
        labels={"threshold": body.get("alertThresholdExceeded") or body.get("forecastThresholdExceeded")},
    )
