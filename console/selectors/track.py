"""The seven stages of a remediation, with how long each took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.models import Remediation
from console import marks, phrases
from core import clock

STAGES = ("INITIATED", "ANALYZING", "PLANNING", "AWAITING_APPROVAL", "EXECUTING", "VALIDATING")
ENDS = ("COMPLETED", "ROLLED_BACK", "FAILED")
EXPECTED = {"COMPLETED": "or rolled back, or failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    Attributes:
        css: now, next, person, and how it ended.
        note: how long it took, or what to expect.
        since: set for the stage that lasts now.
    """

    state: marks.State
    css: str
    note: str
    since: datetime | None
    is_now: bool


def of(remediation: Remediation | None) -> Sequence[Stage]:
    """The stages, those behind with their spans, those ahead faint."""
    if remediation is None:
        return []
    reached = _reached(remediation)
    ended = remediation.state in ENDS
    stages = [_stage(name, remediation, reached) for name in STAGES]
    if ended:
        return [*(stage for stage in stages if stage.state.name in reached), _end(remediation)]
    return [*stages, _ahead("COMPLETED")]


def progress(stages: Sequence[Stage]) -> str:
    """The track as a sentence."""
    for number, stage in enumerate(stages, 1):
        if stage.is_now:
            return f"Progress: {stage.state.word.lower()}, step {number} of {len(stages)}"
    return "Progress"


def _reached(remediation: Remediation) -> dict[str, datetime]:
    reached = {"INITIATED": remediation.started_at}
    for name, text in (remediation.stages or {}).items():
        reached[name] = clock.from_rfc3339(text)
    reached.setdefault(remediation.state, remediation.ended_at or clock.now())
    return reached


def _stage(name: str, remediation: Remediation, reached: dict[str, datetime]) -> Stage:
    if name not in reached:
        return _ahead(name, show=_is_following(name, remediation.state))
    person = " person" if name == "AWAITING_APPROVAL" and remediation.request_id else ""
    if remediation.state == name:
        return Stage(state=marks.STATES[name], css=f"now{person}", note="", since=reached[name], is_now=True)
    later = [at for at in reached.values() if at >= reached[name] and at != reached[name]]
    note = phrases.span(min(later) - reached[name]) if later else "0 s"
    return Stage(state=marks.STATES[name], css=person.strip(), note=note, since=None, is_now=False)


def _is_following(name: str, state: str) -> bool:
    return state in STAGES and STAGES.index(name) == STAGES.index(state) + 1


def _ahead(name: str, *, show: bool = False) -> Stage:
    note = EXPECTED.get(name, "")
    return Stage(state=marks.STATES[name], css="next show" if show else "next", note=note, since=None, is_now=False)


def _end(remediation: Remediation) -> Stage:
    state = marks.of_remediation(remediation.state, remediation.reason)
    css = {"ROLLED_BACK": "rolled", "FAILED": "stopped"}.get(state.name, "done-now")
    took = phrases.span((remediation.ended_at or clock.now()) - remediation.started_at)
    return Stage(state=state, css=css, note=f"after {took}", since=None, is_now=True)
