"""What pages show of a remediation, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from agents.models import Hypothesis, Remediation
from audit import ledger
from audit.errors import TamperedError
from core import clock
from core.errors import NotFoundError
from proof import canonical

ORDER = ("INITIATED", "ANALYZING", "PLANNING", "AWAITING_APPROVAL", "EXECUTING", "VALIDATING")
ENDS = ("COMPLETED", "ROLLED_BACK", "FAILED")
WORDS: Mapping[str, str] = {
    "INITIATED": "Started",
    "ANALYZING": "Diagnosing",
    "PLANNING": "Planning",
    "AWAITING_APPROVAL": "Waiting for approval",
    "EXECUTING": "Acting",
    "VALIDATING": "Checking that it helped",
    "COMPLETED": "Fixed",
    "ROLLED_BACK": "Taken back",
    "FAILED": "Handed to people",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A state on the way.

    Attributes:
        status: done, now, ahead.
        seconds: how long it took, or has taken so far; None for what is ahead.
    """

    state: str
    words: str
    status: str
    at: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationLine:
    """A finding with the stored snapshot that shows it."""

    sentence: str
    supports: bool
    evidence: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisView:
    """An explanation as it is shown."""

    rank: int
    pattern: str
    service: str
    title: str
    summary: str
    confidence: float
    percent: int
    supporting: tuple[CitationLine, ...]
    contradicting: tuple[CitationLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """Something that was read."""

    name: str
    kind: str
    source: str
    sentence: str
    sha256: str
    failed: bool
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log of steps; `result` holds what the target answered."""

    at: datetime
    direction: str
    title: str
    command: str
    state: str
    found: bool
    seconds: float | None
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One execution."""

    id: int
    state: str
    refusal: str
    started_at: datetime
    ended_at: datetime | None
    lines: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPoint:
    """One look at the symptom; `value` is None where the source did not answer."""

    at: datetime
    value: float | None
    healthy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediationView:
    """A remediation as pages and the API show it.

    Attributes:
        plan: the change document, read from its signed bytes; None before there is one.
        plan_fault: why the plan cannot be shown, empty otherwise.
    """

    id: int
    incident_id: int
    state: str
    words: str
    reason: str
    note: str
    doing: str
    is_live: bool
    started_at: datetime
    ended_at: datetime | None
    confidence_note: str
    change_digest: str
    request_id: int | None
    stages: tuple[Stage, ...]
    evidence: tuple[EvidenceLine, ...]
    hypotheses: tuple[HypothesisView, ...]
    plan: Mapping[str, Any] | None
    plan_fault: str
    runs: tuple[RunView, ...]
    readings: tuple[ReadingPoint, ...]


def remediation_view(incident_id: int) -> RemediationView | None:
    """The newest remediation of an incident, or None if there never was one. Eight queries, however long it is."""
    newest = Remediation.objects.filter(incident_id=incident_id).order_by("-pk")
    remediation = newest.prefetch_related(
        "evidence", "hypotheses__citations__evidence", "runs__steps", "readings"
    ).first()
    return view_of(remediation) if remediation is not None else None


def view_of(remediation: Remediation) -> RemediationView:
    """The view of one remediation."""
    plan, fault = _plan(remediation.change_digest)
    return RemediationView(
        id=remediation.pk,
        incident_id=remediation.incident_id,
        state=str(remediation.state),
        words=WORDS[str(remediation.state)],
        reason=remediation.reason,
        note=remediation.note,
        doing=remediation.doing,
        is_live=remediation.is_live,
        started_at=remediation.started_at,
        ended_at=remediation.ended_at,
        confidence_note=str(remediation.parameters.get("note", "")),
        change_digest=remediation.change_digest,
        request_id=remediation.request_id,
        stages=tuple(stages_of(remediation)),
        evidence=tuple(_evidence(remediation)),
        hypotheses=tuple(_hypothesis(one) for one in sorted(remediation.hypotheses.all(), key=lambda row: row.rank)),
        plan=plan,
        plan_fault=fault,
        runs=tuple(_runs(remediation)),
        readings=tuple(
            ReadingPoint(at=one.at, value=one.value, healthy=one.healthy)
            for one in sorted(remediation.readings.all(), key=lambda row: (row.at, row.pk))
        ),
    )


def stages_of(remediation: Remediation) -> list[Stage]:
    """Every state on the way, with what is known of it; an end only once it is reached."""
    reached = {state: clock.from_rfc3339(text) for state, text in remediation.stages.items()}
    shown = [*ORDER, *[state for state in ENDS if state in reached]]
    now = remediation.ended_at or clock.now()
    return [_stage(state, reached, now, current=str(remediation.state)) for state in shown]


def _stage(state: str, reached: Mapping[str, datetime], now: datetime, *, current: str) -> Stage:
    at = reached.get(state)
    later = [moment for other, moment in reached.items() if at is not None and moment > at and other != state]
    until = now if state == current else min(later, default=now)
    status = "now" if state == current else "done" if at is not None else "ahead"
    seconds = max(0.0, (until - at).total_seconds()) if at is not None and state not in ENDS else None
    return Stage(state=state, words=WORDS[state], status=status, at=at, seconds=seconds)


def _evidence(remediation: Remediation) -> list[EvidenceLine]:
    return [
        EvidenceLine(
            name=one.name,
            kind=one.kind,
            source=one.source,
            sentence=one.sentence,
            sha256=one.sha256,
            failed=bool(one.facts.get("failed")),
            read_at=one.read_at,
        )
        for one in sorted(remediation.evidence.all(), key=lambda row: (row.kind, row.name))
    ]


def _hypothesis(row: Hypothesis) -> HypothesisView:
    lines = [
        CitationLine(
            sentence=one.sentence, supports=one.supports, evidence=one.evidence.name, sha256=one.evidence.sha256
        )
        for one in sorted(row.citations.all(), key=lambda citation: citation.pk)
    ]
    return HypothesisView(
        rank=row.rank,
        pattern=row.pattern,
        service=row.service,
        title=row.title,
        summary=row.summary,
        confidence=row.confidence,
        percent=int(row.confidence * 100),
        supporting=tuple(line for line in lines if line.supports),
        contradicting=tuple(line for line in lines if not line.supports),
    )


def _plan(digest: str) -> tuple[Mapping[str, Any] | None, str]:
    """The change as it was signed, re-hashed; never a row's word for it."""
    if not digest:
        return None, ""
    try:
        return cast("Mapping[str, Any]", canonical.loads(ledger.fetch(digest))), ""
    except (TamperedError, NotFoundError) as error:
        return None, error.detail
    except canonical.CanonicalError as error:
        return None, f"The plan cannot be read: {error}"


def _runs(remediation: Remediation) -> list[RunView]:
    return [
        RunView(
            id=run.pk,
            state=str(run.state),
            refusal=run.refusal,
            started_at=run.started_at,
            ended_at=run.ended_at,
            lines=tuple(_lines(sorted(run.steps.all(), key=lambda row: (row.started_at, row.pk)))),
        )
        for run in sorted(remediation.runs.all(), key=lambda row: row.pk)
    ]


def _lines(steps: Sequence[Any]) -> list[LogLine]:
    return [
        LogLine(
            at=step.started_at,
            direction=step.direction,
            title=step.title,
            command=step.command,
            state=str(step.state),
            found=step.found,
            seconds=(step.ended_at - step.started_at).total_seconds() if step.ended_at else None,
            result=step.result,
        )
        for step in steps
    ]
