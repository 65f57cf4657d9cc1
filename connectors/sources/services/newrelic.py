"""New Relic's notifications: issues as workflows send them, incidents of the older channels, and alerts before those.

An issue has `id` and `state`, an incident `incident_id` and `current_state`. The body of a workflow is a template of
the customer's; its default fields are read. A missing or unknown state is refused, because both products always tell
it. A bad clock never loses an alert, and neither does a missing id: the address of an issue ends in it, and else the
names of policy and condition must do. Those without any name are told apart by their time, so that none ends another.

The oldest alerts come as a form, `alert={…}` or `deployment={…}`; what happened stands in `short_description` alone,
after the application: `[Shop] alert opened`. Their address is the incident's.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.nested import nested
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

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
    "ended": Status.RESOLVED,
    "canceled": Status.RESOLVED,
}
SEVERITIES = {"caution": Severity.WARNING, "downtime": Severity.CRITICAL}
IDS = ("id", "issueId", "issue_id")
URLS = ("issueUrl", "issuePageUrl", "issue_url", "violationChartUrl")
NAMES = (
    ("policy_name", "alertPolicyNames"),
    ("condition_name", "alertConditionNames"),
    ("title", "issueTitle", "name"),
)
ISSUE = re.compile(r"/issues/([0-9A-Za-z-]{6,60})(?:[/?#]|$)")
IS_AN_ISSUE = (*IDS[1:], *URLS, "alertPolicyNames", "alertConditionNames", "totalIncidents", "state", "issueTitle")
CREATED = ("createdAt", "activatedAt", "created_at", "opened_at", "timestamp")
HAPPENED = re.compile(r"\balert (opened|acknowledged|closed|ended|canceled)\b", re.IGNORECASE)
"""In a `short_description` of the oldest alerts."""
IS_AN_INCIDENT = ("incident_id", "current_state", "incident_url", "condition_id", "policy_name")


class NewRelic(Source):
    """Issues and incidents of New Relic."""

    slug = "newrelic"
    title = "New Relic"
    documentation = "https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/"
    media = frozenset({FORM})
    formats = ("newrelic_issue", "newrelic_legacy")
    fingerprint_fields = ("issue id", "incident_id (older channels)", "else policy, condition and title", "alert_url")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand an issue or an incident."""
        body = _oldest(reading.mapping(delivery.value), notes)
        if "short_description" in body and first(("alert_url", "message"), body) is not None:
            return [self._alert(body, notes)]
        if "deployment_url" in body or {"revision", "application_name"} <= set(body):
            return ignored("It tells of a deployment.")
        if first(IS_AN_INCIDENT, body) is not None:
            return self._read(body, ("current_state",), ("incident_id",), "incident", notes)
        if first(IS_AN_ISSUE, body) is not None:
            return self._read(body, ("state", "issueState", "status"), IDS, "issue", notes)
        return rejected(
            "There is neither an issue's `state` nor an incident's `current_state`; this is not New Relic's."
        )

    def _read(
        self, body: Mapping[str, Any], states: tuple[str, ...], ids: tuple[str, ...], what: str, notes: Notes
    ) -> Parsed | list[Told]:
        word, told_id = _one(first(states, body)), _one(first(ids, body))
        if told_id is None:
            told_id = _in_address(first(URLS, body))
        said = str(word).strip().lower()
        if said == "test":
            return ignored("It is a test notification.")
        if said not in STATUSES:
            return rejected(f"`{states[0]}` is missing or not known: {str(word)[:40]!r}.")
        names = [_one(first(one, body)) for one in NAMES]
        if told_id is None:
            notes.add(f"The {what} has no `{ids[0]}`.")
        if first(CREATED, body) is None:
            notes.add(f"The {what} tells no time; the time of receipt counts.")
        told = self._issue if what == "issue" else self._incident
        identity: tuple[object, ...] = (what, told_id)
        if told_id is None:
            identity = (f"{what} by name", *(names if any(names) else (first(CREATED, body),)))
        return [told(body, identity, told_id, STATUSES[said])]

    def _issue(self, body: Mapping[str, Any], identity: tuple[object, ...], told_id: object, status: Status) -> Told:
        labels = reading.mapping(body.get("labels")) or reading.mapping(body.get("tags"))
        entity = _one(first(("impactedEntities", "entitiesData.names", "entity_name"), body))
        names = ("title", "issueTitle", "name", "condition_name", "alertConditionNames", "details", "alertPolicyNames")
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
            source_event_id=told_id,
        )

    def _incident(self, body: Mapping[str, Any], identity: tuple[object, ...], told_id: object, status: Status) -> Told:
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
            source_event_id=told_id,
        )

    def _alert(self, body: Mapping[str, Any], notes: Notes) -> Told:
        """An alert of the oldest kind."""
        found = HAPPENED.search(str(body.get("short_description")))
        status = self.status_of(found[1] if found else body.get("short_description"), notes)
        names = [body.get(name) for name in ("account_name", "application_name", "alert_policy_name")]
        url = body.get("alert_url")
        return Told(
            status=status,
            identity=("alert", url) if url else ("alert by name", *names),
            titles=[body.get(name) for name in ("message", "long_description", "short_description")],
            severity=body.get("severity"),
            description=first(("long_description", "message"), body),
            service=body.get("application_name"),
            labels={name: body[name] for name in ("account_name", "alert_policy_name") if body.get(name)},
            links={"incident": url},
            starts_at=body.get("created_at") if status is Status.FIRING else None,
            ends_at=body.get("created_at"),
            at=body.get("created_at"),
        )


def _oldest(body: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    """What a form holds in its field `alert` or `deployment`; else the body."""
    inner = nested(first(("alert", "deployment"), body), notes)
    return inner if isinstance(inner, Mapping) and inner else body


def _in_address(url: object) -> str | None:
    found = ISSUE.search(url) if isinstance(url, str) else None
    return found[1] if found else None


def _one(value: object) -> object:
    """The first of a list, or the value; workflows send single things as lists."""
    return (value[0] if value else None) if isinstance(value, list) else value
