"""What a ticket says: diagnosis, plan, risk, outcome and the ledger's checkpoint, from what was recorded.

Pure. Text of alerts is data: whoever asks says how it is made plain for the place where it is to stand, fact by fact,
so that what we write around it stays as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 4_000
NOTES: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARK: Final = re.compile(r"^Countersign, up to record (\d{1,18}):$", re.MULTILINE)

Plain = Callable[[str, int], str]
"""How text from anywhere becomes text for a field: (text, longest)."""


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
    "incident.worsened": ("It got worse, {} now.", "severity"),
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


def notes(lines: Iterable[Line], plain: Plain, *, after: int) -> list[tuple[int, str]]:
    """What is new since a record, for the journal: (record, sentence), the latest ones where there are many."""
    return [(line.seq, said) for line in lines if line.seq > after and (said := sentence(line, plain))][-NOTES:]


def note_text(told: Sequence[tuple[int, str]]) -> str:
    """A note for the journal; the mark in its first line tells later whether it arrived."""
    return "\n".join([mark(told[-1][0]), *(said for _, said in told)]) if told else ""


def mark(seq: int) -> str:
    """By which a note is found again."""
    return f"Countersign, up to record {seq}:"


def reached(journal: str) -> int:
    """Up to which record the notes of a journal tell; -1 for none."""
    return max((int(seq) for seq in _MARK.findall(journal)), default=-1)


def sentence(line: Line, plain: Plain) -> str:
    """A record as a line of text; empty for those that a ticket does not tell."""
    said, fact = SAYS.get(line.verb, ("", ""))
    return said.format(plain(str(line.facts.get(fact, "")), 500)) if fact else said


def description(case: Case, plain: Plain) -> str:
    """The whole story so far, the same however often it is sent."""
    environment, service = plain(case.environment, 80), plain(case.service, 80)
    told = [f"{case.number} in {environment or 'no environment'}, service {service or 'unknown'}."]
    told += [said for _, said in notes(case.lines, plain, after=-1)]
    told += of_plan(case.plan, plain) if case.plan else []
    return cut("\n".join([*told, *of_head(case.head), case.url]), LONGEST)


def of_plan(plan: Plan, plain: Plain) -> list[str]:
    """The plan, its risk and its hash."""
    return [
        f"Plan: {plain(plan.intent, 500)}",
        f"Risk: {plan.tier}, {plan.score} points. Approval here: {plan.state}. {plain(plan.sentence, 300)}",
        f"Plan's hash (SHA-256): {plan.digest}",
    ]


def of_head(head: Head | None) -> list[str]:
    """The ledger's checkpoint, if there is one."""
    return [f"Ledger checkpoint: {head.size} records, root {head.root}"] if head else []


def ending(case: Case, plain: Plain) -> str:
    """How it ended, with the checkpoint over it."""
    ended = [said for _, said in notes(case.lines, plain, after=-1) if said.startswith(("Outcome", "Resolved"))]
    return "\n".join([*(ended or ["Resolved."]), *of_head(case.head)])


def without_controls(text: str) -> str:
    """Text without characters that steer a terminal or turn its direction."""
    return _CONTROL.sub(" ", text)


def cut(text: str, longest: int) -> str:
    """Text of at most so many characters, and that it goes on."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
