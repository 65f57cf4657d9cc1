"""Dynatrace's problems: its notification, the same inside a Keptn CloudEvent, as its API and its workflows give them.

`PID` (in the API `problemId`) is the problem; `ProblemID` (`displayId`) is what people call it. The severity level says
what kind of problem it is, from availability down; that of a custom alert says nothing. A CloudEvent's `time` is the
event's, not the problem's start. A problem that was merged lives on in another one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Severity, Status

STATUSES = {
    "open": Status.FIRING,
    "active": Status.FIRING,
    "resolved": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "merged": Status.SUPPRESSED,
}
SEVERITIES = {
    "availability": Severity.CRITICAL,
    "monitoring_unavailable": Severity.WARNING,
    "performance": Severity.WARNING,
    "resource": Severity.WARNING,
    "resource_contention": Severity.WARNING,
    "slowdown": Severity.WARNING,
}
NO_SEVERITY = frozenset(["custom", "custom_alert"])
IDS = ("PID", "problemId", "ProblemID", "problemID", "displayId", "id")
IS_A_PROBLEM = ("PID", "ProblemID", "problemId", "problemID", "displayId", "ProblemTitle")
STATES = ("State", "status", "state", "ProblemStatus")
TITLES = ("ProblemTitle", "title", "displayName", "ProblemID", "displayId", "ProblemDetailsText")
OF_WORKFLOWS = {
    "event.id": "problemId",
    "display_id": "displayId",
    "event.name": "title",
    "event.status": "status",
    "event.category": "severityLevel",
    "event.start": "startTime",
    "event.end": "endTime",
    "event.description": "ProblemDetailsText",
    "affected_entity_names": "ImpactedEntity",
    "entity_tags": "entityTags",
}
UNFILLED = re.compile(r"\{[A-Z][A-Za-z0-9]+\}")
ENTITIES = ("ImpactedEntities", "impactedEntities", "affectedEntities", "rankedImpacts")


class Dynatrace(Source):
    """Problems of Dynatrace."""

    slug = "dynatrace"
    title = "Dynatrace"
    documentation = "https://docs.dynatrace.com/docs/analyze-explore-automate/notifications-and-alerting/problem-notifications/webhook-integration"
    formats = ("dynatrace_keptn", "dynatrace_api")
    fingerprint_fields = ("PID or problemId", "else ProblemID")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one problem, or a list of them."""
        body = reading.mapping(delivery.value)
        listed = first(("problems",), body) or reading.mapping(body.get("result")).get("problems")
        if isinstance(listed, list):
            problems = [one for one in objects(listed, notes) if first(IDS, one) is not None]
            return [self._told(one, {}, notes) for one in problems] or ignored("The list holds no problem with an id.")
        problem, event = _problem(body), body if body.get("specversion") else {}
        if event and first(IS_A_PROBLEM, problem) is None:
            return ignored(f"The event {str(event.get('type'))[:60]!r} is about no problem.")
        if first(IS_A_PROBLEM, problem) is None and not ("severityLevel" in problem and "id" in problem):
            return rejected("There is neither `ProblemID` nor `problemId`; this is no Dynatrace problem.")
        if first(IDS, problem) is None:
            return rejected("The problem has neither `PID` nor `ProblemID`.")
        return [self._told(problem, event, notes)]

    def _told(self, problem: Mapping[str, Any], event: Mapping[str, Any], notes: Notes) -> Told:
        details = _details(problem)
        told_id, tags = first(IDS, problem), _tags(problem)
        data = {**reading.mapping(event.get("data")), **problem}
        severity = first(("ProblemSeverity", "severityLevel", "severity"), problem) or details.get("severityLevel")
        return Told(
            status=self._status(problem, event, details, notes),
            identity=("problem", told_id),
            titles=[*(problem.get(name) for name in TITLES), f"Dynatrace problem {str(told_id)[:80]}"],
            severity=None if str(severity).lower() in NO_SEVERITY else severity,
            description=first(("ProblemDetailsText", "ProblemDetailsMarkdown", "ProblemDetails"), problem),
            resource=_entity(problem) or _entity(details),
            service=first(("KeptnService", "service"), data) or first(("service", "keptn_service", "app"), tags),
            environment=first(("KeptnStage", "stage"), data) or first(("environment", "env", "stage"), tags),
            team=first(("team", "owner"), tags),
            labels=tags,
            links={"problem": first(("ProblemURL", "problemUrl", "url"), problem)},
            starts_at=first(("startTime", "ProblemStartTime"), {**details, **problem}),
            ends_at=first(("endTime", "ProblemEndTime"), {**details, **problem}),
            at=event.get("time"),
            source_event_id=told_id,
        )

    def _status(
        self, problem: Mapping[str, Any], event: Mapping[str, Any], details: Mapping[str, Any], notes: Notes
    ) -> Status:
        word = first(STATES, problem) or _state_of(event) or details.get("status")
        if word is None:
            notes.add("No state came, so this counts as open; add {State} to the notification's payload.")
            return Status.FIRING
        return self.status_of(word, notes)


def _problem(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The problem: the body itself, an event's `data`, or `data.problem`; without unfilled placeholders."""
    data = reading.mapping(body.get("data")) if body.get("specversion") else {}
    told = reading.mapping(data.get("problem")) or data or reading.mapping(body.get("problem")) or body
    if str(told.get("event.kind")).endswith("_PROBLEM"):
        told = {ours: _one(told.get(theirs)) for theirs, ours in OF_WORKFLOWS.items()}
    return {name: value for name, value in told.items() if not (isinstance(value, str) and UNFILLED.fullmatch(value))}


def _one(value: object) -> object:
    """The first name of a list of names; anything else as it is."""
    return (
        value[0] if isinstance(value, list) and value and isinstance(value[0], str) and ":" not in value[0] else value
    )


def _state_of(event: Mapping[str, Any]) -> object:
    """What the type of a Keptn event says where the problem itself says nothing: `sh.keptn.event.problem.open`."""
    before, _, word = str(event.get("type") or "").rpartition(".problem.")
    return {"open": "open", "close": "closed", "closed": "closed"}.get(word) if before else None


def _details(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """The problem once more as the API describes it, where the template asks for it."""
    names = ("ProblemDetailsJSON", "ProblemDetailsJSONv2", "ProblemDetails")
    return next((told for name in names if (told := reading.mapping(problem.get(name)))), {})


def _tags(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Tags as `name:value`, or as the API gives them: objects with `key` and `value`."""
    listed = first(("Tags", "tags", "entityTags"), problem)
    pairs = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    told = {str(pair["key"]): pair.get("value") or "" for pair in pairs if pair.get("key")}
    return {**reading.tags(listed), **told}


def _entity(problem: Mapping[str, Any]) -> tuple[str, object] | None:
    """The first entity: `{entity, name, type}`, or `{entityId: {id, type}, name}` in the API."""
    for name in ENTITIES:
        listed = problem.get(name)
        for one in listed if isinstance(listed, list) else []:
            told = reading.mapping(one)
            kind = first(("type",), told) or reading.mapping(told.get("entityId")).get("type")
            found = first(("name", "entityName", "entity"), told)
            if found is not None:
                return (str(kind or "entity").lower()[:40], found)
    host = first(("hostName", "host_name", "host.name"), problem)
    if host is not None:
        return ("host", _one(host))
    named = first(("ImpactedEntity", "ImpactedEntityNames", "NamesOfImpactedEntities"), problem)
    return ("entity", named) if named is not None else None
