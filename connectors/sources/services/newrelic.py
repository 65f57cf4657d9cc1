"""New Relic's notifications: issues as workflows send them, and incidents of the older channels.

The two differ in their names: an issue has `id` and `state`, an incident `incident_id` and `current_state`. The body
of a workflow is a template of the customer's; its default fields are read. A missing or unknown state is refused,
because both products always tell it. A bad clock never loses an alert.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "created": Status.FIRING,
    "activated": Status.FIRING,
    "active": Status.FIRING,
    "open": Status.FIRING,
    "opened": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "closed": Status.RESOLVED,
    "deactivated": Status.RESOLVED,
    "resolved": Status.RESOLVED,
}
IDS = ("id", "issueId", "issue_id")
URLS = ("issueUrl", "issuePageUrl", "issue_url", "violationChartUrl")
IS_AN_ISSUE = (*IDS[1:], *URLS, "alertPolicyNames", "alertConditionNames", "totalIncidents", "state", "issueTitle")
IS_AN_INCIDENT = ("incident_id", "current_state", "incident_url", "condition_id", "policy_name")


class NewRelic(Source):
    """Issues and incidents of New Relic."""

    slug = "newrelic"
    title = "New Relic"
    documentation = "https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/"
    formats = ("newrelic_issue", "newrelic_legacy")
    fingerprint_fields = ("issue id", "incident_id (older channels)")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand an issue or an incident."""
        body = reading.mapping(delivery.value)
        if first(IS_AN_INCIDENT, body) is not None:
            return self._read(body, ("current_state",), ("incident_id",), "incident", notes)
        if first(IS_AN_ISSUE, body) is not None:
            return self._read(body, ("state", "issueState"), IDS, "issue", notes)
        return rejected(
            "There is neither an issue's `state` nor an incident's `current_state`; this is not New Relic's."
        )

    def _read(
        self, body: Mapping[str, Any], states: tuple[str, ...], ids: tuple[str, ...], what: str, notes: Notes
    ) -> Parsed | list[Told]:
        word, told_id = _one(first(states, body)), _one(first(ids, body))
        said = str(word).strip().lower()
        if said == "test":
            return ignored("It is a test notification.")
        if said not in STATUSES:
            return rejected(f"`{states[0]}` is missing or not known: {str(word)[:40]!r}.")
        if told_id is None:
            return rejected(f"The {what} has no `{ids[0]}`.")
        if first(("createdAt", "activatedAt", "created_at", "opened_at", "timestamp"), body) is None:
            notes.add(f"The {what} tells no time; the time of receipt counts.")
        told = self._issue if what == "issue" else self._incident
        return [told(body, (what, told_id), STATUSES[said])]

    def _issue(self, body: Mapping[str, Any], identity: tuple[object, ...], status: Status) -> Told:
        labels = reading.mapping(body.get("labels")) or reading.mapping(body.get("tags"))
        entity = _one(first(("impactedEntities", "entitiesData.names", "entity_name"), body))
        names = ("title", "issueTitle", "condition_name", "alertConditionNames", "details", "alertPolicyNames")
        return Told(
            status=status,
            identity=identity,
            titles=[_one(body.get(name)) for name in names],
            severity=first(("priority", "severity"), body),
            description=_one(first(("details", "description", "alertConditionDescriptions"), body)),
            resource=("entity", entity) if entity is not None else None,
            service=_one(first(("service", "affectedService", "serviceName"), {**labels, **body})),
            environment=_one(first(("environment", "env"), {**labels, **body})),
            team=_one(first(("team", "assignmentGroup"), {**labels, **body})),
            labels=labels,
            links={
                "issue": first(URLS, body),
                "acknowledge": first(("issueAcknowledgeUrl", "incident_acknowledge_url"), body),
                "runbook": _one(first(("runbookUrls", "runbookUrl", "runbook_url"), body)),
            },
            starts_at=first(("createdAt", "activatedAt", "created_at"), body),
            ends_at=first(("closedAt", "closed_at", "updatedAt"), body),
            at=None if status is Status.FIRING else first(("updatedAt", "closedAt"), body),
            source_event_id=identity[1],
        )

    def _incident(self, body: Mapping[str, Any], identity: tuple[object, ...], status: Status) -> Told:
        listed = body.get("targets")
        target = reading.mapping(_one(listed))
        labels = {**reading.mapping(target.get("labels")), **reading.mapping(body.get("metadata"))}
        fired = body.get("timestamp") if status is Status.FIRING else None
        return Told(
            status=status,
            identity=identity,
            titles=[body.get(name) for name in ("condition_name", "details", "policy_name")],
            severity=first(("severity", "priority"), body),
            description=body.get("details"),
            resource=(str(target.get("type") or "target").lower()[:40], target["name"]) if target.get("name") else None,
            service=first(("service", "app", "application"), labels),
            environment=first(("environment", "env"), labels),
            labels=labels,
            links={
                "incident": body.get("incident_url"),
                "acknowledge": body.get("incident_acknowledge_url"),
                "runbook": body.get("runbook_url"),
                "chart": body.get("violation_chart_url"),
            },
            starts_at=first(("opened_at", "created_at"), body) or fired,
            ends_at=first(("closed_at", "timestamp"), body),
            at=body.get("timestamp"),
            source_event_id=identity[1],
        )


def _one(value: object) -> object:
    """The first of a list, or the value; workflows send single things as lists."""
    return (value[0] if value else None) if isinstance(value, list) else value
