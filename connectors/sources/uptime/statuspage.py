"""Atlassian Statuspage, as its subscribers get it: incidents with their updates, and components that change.

Maintenances come in the same shape as incidents, with an impact and statuses of their own, and as a state of components
that work; they are no alerts. Other status pages, such as Instatus, send the same shape with words of their own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Severity, Status

STATUSES = {
    "investigating": Status.FIRING,
    "identified": Status.FIRING,
    "monitoring": Status.FIRING,
    "resolved": Status.RESOLVED,
    "postmortem": Status.RESOLVED,
    "degraded_performance": Status.FIRING,
    "partial_outage": Status.FIRING,
    "major_outage": Status.FIRING,
    "operational": Status.RESOLVED,
    "under_maintenance": Status.SUPPRESSED,
    "degradedperformance": Status.FIRING,
    "partialoutage": Status.FIRING,
    "majoroutage": Status.FIRING,
    "undermaintenance": Status.SUPPRESSED,
}
SEVERITIES = {
    "degraded_performance": Severity.WARNING,
    "partial_outage": Severity.HIGH,
    "major_outage": Severity.CRITICAL,
    "degradedperformance": Severity.WARNING,
    "partialoutage": Severity.HIGH,
    "majoroutage": Severity.CRITICAL,
}
MAINTENANCE = {"scheduled", "in_progress", "verifying", "completed"}


class Statuspage(Source):
    """Incidents and components of a status page that somebody else keeps."""

    slug = "statuspage"
    title = "Atlassian Statuspage"
    documentation = "https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/"
    fingerprint_fields = ("incident.id or component.id",)
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand an incident, or a component's change."""
        body = reading.mapping(delivery.value)
        incident, component = reading.mapping(body.get("incident")), reading.mapping(body.get("component"))
        if not incident and not component and "impact" in body:
            incident = body
        if _word(incident.get("impact")) == "maintenance" or _word(incident.get("status")) in MAINTENANCE:
            return ignored("A maintenance that the page announces.")
        if incident.get("name") or ("status" in incident and incident.get("id")):
            return [self._incident(incident, notes)]
        if _is_planned(component, reading.mapping(body.get("component_update"))) or body.get("maintenance"):
            return ignored("A maintenance that the page announces.")
        if component.get("id") or component.get("name"):
            return [self._component(component, body, notes)]
        return rejected("There is neither an `incident` nor a `component` with an id or a name.")

    def _incident(self, incident: Mapping[str, Any], notes: Notes) -> Told:
        updates = objects(incident.get("incident_updates"), notes)
        components = objects(incident.get("components"), notes)
        impact = incident.get("impact")
        return Told(
            status=self.status_of(incident.get("status"), notes),
            identity=("incident", first(("id", "name"), incident)),
            titles=[incident.get("name")],
            severity=impact if _word(impact) != "none" else None,
            description=next((update["body"] for update in updates if update.get("body")), None),
            service=components[0].get("name") if len(components) == 1 else None,
            links={"incident": first(("shortlink", "url"), incident)},
            starts_at=first(("started_at", "created_at"), incident),
            ends_at=first(("resolved_at", "updated_at"), incident),
            at=incident.get("updated_at"),
            source_event_id=incident.get("id"),
        )

    def _component(self, component: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        update = reading.mapping(body.get("component_update"))
        word = update.get("new_status") or component.get("status")
        status, at = self.status_of(word, notes), update.get("created_at") or component.get("updated_at")
        return Told(
            status=status,
            identity=("component", first(("id", "name"), component)),
            titles=[component.get("name")],
            severity=word if status is Status.FIRING else None,
            description=component.get("description"),
            service=component.get("name"),
            labels={"old_status": update["old_status"]} if update.get("old_status") else None,
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=component.get("id"),
        )


def _is_planned(component: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
    """Whether a maintenance begins of a component that works; one that fails is suppressed by it."""
    now = _word(update.get("new_status") or component.get("status"))
    return _word(update.get("old_status")) == "operational" and now.replace("_", "") == "undermaintenance"


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
