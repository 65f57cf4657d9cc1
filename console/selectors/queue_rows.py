"""One incident as a row of the queue."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agents.models import Remediation, RemediationState
from console import marks
from console.drawing.series import Series, Spark, spark
from console.selectors import faces, requests, symptoms
from console.selectors.faces import Face
from console.selectors.requests import Request
from core import clock
from core.actors import Actor
from incidents.models import Incident
from incidents.selectors import OPEN_STATES

AGENT_OF = {
    "INITIATED": "triage",
    "ANALYZING": "diagnosis",
    "PLANNING": "planner",
    "EXECUTING": "executor",
    "VALIDATING": "monitor",
    "COMPLETED": "monitor",
}
DOES = {
    "INITIATED": "joins the alerts into one incident",
    "ANALYZING": "reads metrics, logs and changes",
    "PLANNING": "writes a plan",
    "EXECUTING": "carries the change out",
    "VALIDATING": "watches the symptom",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One incident in the queue."""

    id: int
    number: str
    title: str
    severity: str
    service: str
    state: marks.State
    does: str
    worker: str
    spark: Spark
    request: Request | None
    tier: str
    score: int
    holder: Face
    since: datetime
    group: str
    mine: bool
    held_by_me: bool
    settled: bool
    review: bool


def latest_remediations(incident_ids: Iterable[int]) -> dict[int, Remediation]:
    """The newest remediation of each incident."""
    found: dict[int, Remediation] = {}
    for row in Remediation.objects.filter(incident_id__in=list(incident_ids)).order_by("id"):
        found[row.incident_id] = row
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rows are told with: requests by id, readings by remediation, people by handle; and for whom.

    Attributes:
        waiting: the requests that wait for this person's signature.
    """

    asked: Mapping[int, Request]
    series: Mapping[int, Series]
    people: Mapping[str, Face]
    actor: Actor
    waiting: Set[int]


def rows(incidents: Sequence[Incident], actor: Actor, waiting: Set[int]) -> list[Row]:
    """These incidents as rows, in a bounded number of queries; `waiting` are the requests that this person may sign."""
    remediations = latest_remediations(incident.pk for incident in incidents)
    series = symptoms.newest({incident.pk: incident for incident in incidents}, remediations.values())
    around = Around(
        asked=requests.by_id(row.request_id for row in remediations.values()),
        series=series,
        people=faces.people(incident.held_by for incident in incidents),
        actor=actor,
        waiting=waiting,
    )
    every = [_row(incident, remediations.get(incident.pk), around) for incident in incidents]
    return _only_one_is_loud(every, remediations, series)


def _row(incident: Incident, remediation: Remediation | None, around: Around) -> Row:
    request = around.asked.get(remediation.request_id or 0) if remediation else None
    group = group_of(incident, remediation, request)
    state = _state(incident, remediation, group)
    return Row(
        id=incident.pk,
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        service=incident.service,
        state=state,
        does=_does(incident, remediation, request, group),
        worker=AGENT_OF.get(state.name, "triage") if group == "agents" else "",
        spark=spark(around.series.get(remediation.pk) if remediation else None),
        request=request if request and request.needed else None,
        tier=request.tier if request else "",
        score=request.score if request else 0,
        holder=_holder(incident, state, group, around.people),
        since=incident.resolved_at if group == "settled" and incident.resolved_at else incident.began_at,
        group=group,
        mine=group == "waiting" and request is not None and request.id in around.waiting,
        held_by_me=bool(incident.held_by) and incident.held_by == around.actor.name,
        settled=group == "settled",
        review=group == "waiting" and request is not None,
    )


def group_of(incident: Incident, remediation: Remediation | None, request: Request | None) -> str:
    """Who the incident waits for: waiting, agents, people or settled."""
    if incident.state not in OPEN_STATES:
        return "settled"
    if remediation is None:
        fresh = clock.now() - incident.opened_at < timedelta(seconds=20)
        return "agents" if fresh and incident.autonomy != "observe" and not incident.held_by else "people"
    if not remediation.is_live:
        return "agents" if remediation.state == RemediationState.COMPLETED and not incident.called_at else "people"
    if remediation.state == RemediationState.AWAITING_APPROVAL and request and request.is_pending and request.needed:
        return "waiting"
    return "agents"


def _state(incident: Incident, remediation: Remediation | None, group: str) -> marks.State:
    if group == "agents" and remediation is None:
        return marks.STATES["INITIATED"]
    if remediation is None or (group == "settled" and remediation.is_live):
        return marks.STATES[incident.state]
    if group == "settled" and remediation.state in {RemediationState.FAILED, RemediationState.ROLLED_BACK}:
        return marks.STATES[incident.state]
    return marks.of_remediation(remediation.state, remediation.reason)


def _does(incident: Incident, remediation: Remediation | None, request: Request | None, group: str) -> str:
    if remediation is None:
        return DOES["INITIATED"] if group == "agents" else _without_agents(incident)
    if group == "waiting" and request is not None:
        return f"Asks: {plain_intent(request.intent)}"
    if group == "people":
        return incident.called_because or remediation.note or "Agents stepped back"
    if group == "settled":
        return remediation.note or "Recovered"
    return remediation.doing or DOES.get(remediation.state, remediation.note)


def _without_agents(incident: Incident) -> str:
    if incident.state not in OPEN_STATES:
        return "Recovered by itself"
    return incident.called_because or (
        "Agents only watch here" if incident.autonomy == "observe" else "No agent is on it"
    )


def plain_intent(intent: str) -> str:
    """The sentence that is signed, shortened to what will happen, without what for."""
    return re.split(r" to (?:take back|free|bring) ", intent.rstrip("."), maxsplit=1)[0]


def _holder(incident: Incident, state: marks.State, group: str, people: Mapping[str, Face]) -> Face:
    if incident.held_by:
        return faces.known(incident.held_by, people)
    if group in {"agents", "settled"} and state.name in AGENT_OF:
        return faces.agent(AGENT_OF[state.name])
    return faces.NOBODY


def order(row: Row) -> tuple[str, float]:
    """Severity, then age; what is settled newest first."""
    if row.settled:
        return "", -row.since.timestamp()
    return row.severity, row.since.timestamp()


def _only_one_is_loud(
    every: Sequence[Row], remediations: Mapping[int, Remediation], series: Mapping[int, Series]
) -> list[Row]:
    """Colour the symptom of the first waiting row alone, and only if it is severe."""
    waiting = sorted((row for row in every if row.group == "waiting" and row.severity in {"S1", "S2"}), key=order)
    loud = waiting[0].id if waiting else None
    return [
        replace(row, spark=spark(series.get(remediations[row.id].pk), loud=True)) if row.id == loud else row
        for row in every
    ]
