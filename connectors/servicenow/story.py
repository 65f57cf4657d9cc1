"""What a ticket says: diagnosis, plan, risk, outcome and the ledger's checkpoint, from what was recorded.

Pure. Text of alerts is data: it is cut, control characters go, and `[code]`, which ServiceNow's journals show as
markup, is taken apart.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.servicenow.maps import Maps

LONGEST: Final = 4_000
SHORT: Final = 160
NOTES: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARK: Final = re.compile(r"^Countersign, up to record (\d{1,18}):$", re.MULTILINE)
_CODE: Final = re.compile(r"\[(/?)code\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of the ledger: its place, verb and facts."""

    seq: int
    verb: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A signed head of the ledger."""

    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A frozen plan and how its approval stands."""

    digest: str
    intent: str
    tier: str
    score: int
    state: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What there is to tell about an incident."""

    number: str
    title: str
    state: str
    severity: str
    service: str
    environment: str
    url: str
    lines: Sequence[Line]
    plan: Plan | None
    head: Head | None


SAYS: Final[Mapping[str, tuple[str, str]]] = {
    "incident.opened": ("Opened: {}", "title"),
    "incident.acknowledged": ("Acknowledged.", ""),
    "incident.taken_over": ("A person took it over from the agents.", ""),
    "incident.resolved": ("Resolved: {}", "why"),
    "incident.closed": ("Closed.", ""),
    "remediation.analyzed": ("Diagnosis: {}", "best"),
    "remediation.planned": ("Plan: {}", "intent"),
    "remediation.asked": ("Approval: {}", "why"),
    "remediation.executing": ("The plan is carried out.", ""),
    "remediation.completed": ("Outcome: it helped. {}", "note"),
    "remediation.failed": ("Outcome: no remedy. {}", "note"),
    "remediation.rolled_back": ("Outcome: it did not help and was taken back. {}", "note"),
    "request.granted": ("Approved here by signatures.", ""),
    "request.rejected": ("Rejected here.", ""),
    "request.expired": ("Nobody signed in time here, so it does not run.", ""),
    "request.voided": ("A newer plan replaces this one.", ""),
    "request.withdrawn": ("Withdrawn here: it is no longer asked for.", ""),
    "assent.given": ("ServiceNow's approval was read back: approved.", ""),
    "assent.refused": ("ServiceNow's approval was read back: rejected.", ""),
}
"""The verbs that a ticket tells, each with its sentence and the fact in it."""


def incident_values(case: Case, maps: Maps) -> dict[str, str]:
    """The fields of an incident of ours."""
    impact, urgency = maps.levels.get(case.severity, ("", ""))
    values = {
        "short_description": plain(f"{case.number}: {case.title}", SHORT),
        "description": description(case),
        "impact": impact,
        "urgency": urgency,
        "assignment_group": maps.group(case.service),
        "correlation_display": "Countersign",
        **state_values(case, maps),
    }
    return {name: value for name, value in values.items() if value}


def state_values(case: Case, maps: Maps) -> dict[str, str]:
    """The state, and what closing needs."""
    values = {"state": maps.states.get(case.state, "")}
    if case.state in {"RESOLVED", "CLOSED"}:
        values |= {"close_code": maps.close_code, "close_notes": plain(_ending(case), LONGEST)}
    return {name: value for name, value in values.items() if value}


def change_values(case: Case, plan: Plan, maps: Maps) -> dict[str, str]:
    """The fields of a request for a change; its text names the plan's hash, and so does its correlation_id."""
    values = {
        "short_description": plain(f"{case.number}: {plan.intent}", SHORT),
        "description": "\n".join([*_of_plan(plan), f"For {case.number}: {plain(case.title, 300)}", case.url]),
        "justification": plain(plan.sentence, 500),
        "type": "normal",
        "risk": maps.risks.get(plan.tier, ""),
        "assignment_group": maps.group(case.service),
        "correlation_display": "Countersign",
        "approval": "requested" if plan.state in {"PENDING", "GRANTED"} else "",
    }
    return {name: value for name, value in values.items() if value}


def closing_values(case: Case, stage: str, maps: Maps) -> dict[str, str]:
    """What a request for a change needs to be closed; empty for a stage that ends nothing."""
    if stage not in maps.endings:
        return {}
    return {"close_code": maps.endings[stage], "close_notes": plain(_ending(case), LONGEST)}


def notes(lines: Iterable[Line], *, after: int) -> list[tuple[int, str]]:
    """What is new since a record, for the journal: (record, sentence), the latest ones where there are many."""
    return [(line.seq, said) for line in lines if line.seq > after and (said := sentence(line))][-NOTES:]


def note_text(told: Sequence[tuple[int, str]]) -> str:
    """A note for the journal; the mark in its first line tells later whether it arrived."""
    return "\n".join([mark(told[-1][0]), *(said for _, said in told)]) if told else ""


def mark(seq: int) -> str:
    """By which a note is found again."""
    return f"Countersign, up to record {seq}:"


def reached(journal: str) -> int:
    """Up to which record the notes of a journal tell; -1 for none."""
    return max((int(seq) for seq in _MARK.findall(journal)), default=-1)


def sentence(line: Line) -> str:
    """A record as a line of text; empty for those that a ticket does not tell."""
    said, fact = SAYS.get(line.verb, ("", ""))
    return said.format(plain(str(line.facts.get(fact, "")), 500)) if fact else said


def description(case: Case) -> str:
    """The whole story so far, the same however often it is sent."""
    told = [f"{case.number} in {case.environment or 'no environment'}, service {case.service or 'unknown'}."]
    told += [said for _, said in notes(case.lines, after=-1)]
    told += _of_plan(case.plan) if case.plan else []
    return plain("\n".join([*told, *_of_head(case.head), case.url]), LONGEST)


def plain(text: str, longest: int) -> str:
    """Text from anywhere as text for a field."""
    text = _CODE.sub(r"(\1code)", _CONTROL.sub(" ", text)).strip()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _of_plan(plan: Plan) -> list[str]:
    return [
        f"Plan: {plain(plan.intent, 500)}",
        f"Risk: {plan.tier}, {plan.score} points. Approval here: {plan.state}. {plain(plan.sentence, 300)}",
        f"Plan's hash (SHA-256): {plan.digest}",
    ]


def _of_head(head: Head | None) -> list[str]:
    return [f"Ledger checkpoint: {head.size} records, root {head.root}"] if head else []


def _ending(case: Case) -> str:
    ended = [said for _, said in notes(case.lines, after=-1) if said.startswith(("Outcome", "Resolved"))]
    return "\n".join([*(ended or ["Resolved."]), *_of_head(case.head)])
