"""One incident's page."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.models import Remediation, RemediationState, Run, StepRun
from connectors.permissions import grants as connectors
from console import marks
from console.drawing import topology
from console.selectors import alerts, documents, faces, findings, mirrors, plan, queue_rows, requests, timeline, track
from console.selectors.alerts import Alerts
from console.selectors.faces import Face
from console.selectors.findings import Cause, Symptom
from console.selectors.mirrors import Mirror
from console.selectors.plan import Plan
from console.selectors.requests import Request
from console.selectors.timeline import Line
from console.selectors.track import Stage
from core.actors import Actor
from core.errors import ConsoleError, NotFoundError
from core.permissions import Permission
from incidents.models import Dependency, Incident, IncidentState
from incidents.permissions import grants

CAME_TO_NOTHING = {
    "REJECTED": "Nothing ran. The plan and the reason stay on record.",
    "EXPIRED": "Nothing ran: silence never approves.",
    "VOIDED": "Nothing runs from this plan, and no signature under it counts.",
    "WITHDRAWN": "Nothing ran. Nothing needs a signature any more.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log of steps."""

    at: datetime
    word: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """Which buttons this person has here."""

    acknowledge: bool
    take_over: bool
    resolve: bool
    close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the incident's page shows."""

    incident: Incident
    remediation: Remediation | None
    state: marks.State
    holder: Face
    alerts: Alerts
    stages: Sequence[Stage]
    progress: str
    symptom: Symptom | None
    causes: Sequence[Cause]
    plan: Plan | None
    plan_error: str
    request: Request | None
    waits: bool
    asks_me: bool
    topology: topology.Map | None
    log: Sequence[LogLine]
    run: Run | None
    lines: Sequence[Line]
    may: May
    resolver: Face | None
    mirrors: Sequence[Mirror]
    may_resend: bool

    @property
    def called(self) -> bool:
        """Whether a person was called and the incident still needs one."""
        return bool(self.incident.called_at) and self.incident.is_open

    @property
    def next_step(self) -> str:
        """What to do now that the request came to nothing; empty where it is open, signed, or over anyway."""
        request = self.request
        if request is None or request.state not in CAME_TO_NOTHING or not self.incident.is_open:
            return ""
        if self.remediation is not None and self.remediation.is_live:
            return f"{CAME_TO_NOTHING[request.state]} The agents go on, and ask again if they have another plan."
        if self.incident.held_by:
            who = f"{self.holder.name} has the incident; resolve it when the symptom is gone."
        elif self.may.take_over:
            who = "Next: take the incident over, act by hand, and resolve it when the symptom is gone."
        else:
            who = "Next: an operator takes the incident over."
        return f"{CAME_TO_NOTHING[request.state]} {who}"

    @property
    def plan_word(self) -> str:
        """Heading over the plan."""
        if self.remediation is None or self.remediation.is_live:
            return "Proposed plan" if not self.is_bound else "The plan"
        if self.run is None or self.run.refusal:
            return "The plan that was not run"
        return (
            "The plan that ran" if self.remediation.state == RemediationState.COMPLETED else "The plan that was tried"
        )

    @property
    def is_bound(self) -> bool:
        """Whether people's signatures are complete: then the frame is solid."""
        return bool(self.request and self.request.state == "GRANTED" and self.request.needed)


def read(incident_id: int, actor: Actor, waiting: Set[int]) -> Page:
    """The page for one person; `waiting` are the requests that wait for their signature.

    Raises:
        NotFoundError: There is no such incident.
    """
    incident = Incident.objects.filter(pk=incident_id).first()
    if incident is None:
        detail = f"There is no incident INC-{incident_id}."
        raise NotFoundError(detail)
    grants.require(Permission.INCIDENT_READ, actor, incident)
    remediation = Remediation.objects.filter(incident_id=incident.pk).order_by("-id").first()
    request = _request(remediation)
    people = faces.people([incident.held_by, *faces.person_ids([incident.resolved_by])])
    content, frozen, error = _plan(remediation)
    waits = queue_rows.group_of(incident, remediation, request) == "waiting"
    stages = track.of(remediation)
    run = Run.objects.filter(remediation=remediation).order_by("-id").first() if remediation else None
    return Page(
        incident=incident,
        remediation=remediation,
        state=marks.of_remediation(remediation.state, remediation.reason)
        if remediation and incident.is_open
        else marks.STATES[incident.state],
        holder=faces.known(incident.held_by, people) if incident.held_by else faces.NOBODY,
        alerts=alerts.of_incident(incident, actor),
        stages=stages,
        progress=track.progress(stages),
        symptom=findings.symptom(incident, remediation, content, waits=waits) if remediation else None,
        causes=findings.causes(remediation) if remediation else [],
        plan=frozen,
        plan_error=error,
        request=request,
        waits=waits,
        asks_me=waits and request is not None and request.id in waiting,
        topology=_topology(incident, frozen),
        log=_log(run, request),
        run=run,
        lines=timeline.of(incident.subject),
        may=_may(incident, actor),
        resolver=faces.actor(incident.resolved_by, people) if incident.resolved_by else None,
        mirrors=mirrors.of_incident(incident),
        may_resend=connectors.allow(Permission.SOURCE_ADD, actor),
    )


def _request(remediation: Remediation | None) -> Request | None:
    if remediation is None or not remediation.request_id:
        return None
    return requests.by_id([remediation.request_id]).get(remediation.request_id)


def _plan(remediation: Remediation | None) -> tuple[bytes, Plan | None, str]:
    """The change's bytes and the plan in them, or the sentence that says why they cannot be shown."""
    if remediation is None or not remediation.change_digest:
        return b"", None, ""
    try:
        content = bytes(documents.read(remediation.change_digest).content)
        return content, plan.parse(content, remediation.change_digest), ""
    except ConsoleError as error:
        return b"", None, error.detail


def _topology(incident: Incident, frozen: Plan | None) -> topology.Map | None:
    if not incident.service:
        return None
    edges = list(Dependency.objects.values_list("caller", "callee"))
    if not any(incident.service in edge for edge in edges):
        return None
    fault = incident.service
    touched = frozen.targets if frozen else []
    return topology.place(edges, fault=fault, touched=touched)


def _may(incident: Incident, actor: Actor) -> May:
    def allows(permission: Permission) -> bool:
        return grants.allow(permission, actor, incident)

    return May(
        acknowledge=incident.state == IncidentState.OPEN and allows(Permission.INCIDENT_ACKNOWLEDGE),
        take_over=incident.is_open and incident.held_by != actor.name and allows(Permission.INCIDENT_TAKE_OVER),
        resolve=incident.is_open and allows(Permission.INCIDENT_RESOLVE),
        close=incident.state == IncidentState.RESOLVED and allows(Permission.INCIDENT_CLOSE),
    )


def _log(run: Run | None, request: Request | None) -> Sequence[LogLine]:
    lines = []
    if request is not None:
        lines.append(LogLine(at=request.created_at, word="hold" if request.needed else "policy", text=request.sentence))
        lines += [
            LogLine(at=one.at, word="verify", text=f"signature of {one.face.name}: {one.verdict}")
            for one in request.decisions
        ]
    if run is not None:
        lines.append(LogLine(at=run.started_at, word="run", text=run.refusal or "started"))
        for step in StepRun.objects.filter(run=run).order_by("id"):
            lines += _step_lines(step)
    return sorted(lines, key=lambda line: line.at)


def _step_lines(step: StepRun) -> list[LogLine]:
    word = "undo" if step.direction == "undo" else f"step {step.index + 1}"
    lines = [LogLine(at=step.started_at, word=word, text=step.command)]
    if step.ended_at:
        found = ", found done already" if step.found else ""
        lines.append(LogLine(at=step.ended_at, word=word, text=f"{step.state.lower()}{found}{_result(step.result)}"))
    return lines


def _result(result: dict[str, Any]) -> str:
    told = ", ".join(f"{key} {value}" for key, value in sorted(result.items()) if isinstance(value, str | int))
    return f": {told[:160]}" if told else ""
