"""A frozen change as pages render it: straight from its canonical bytes, nothing summed up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console import marks
from console.selectors import documents
from core import clock
from core.errors import RefusedError

NAMED = re.compile(r"(?=.*\d)[0-9a-f]{7,40}|\d[\w.→-]*")
"""A commit or a number within a sentence."""
FACTORS = {"data": "Data", "reversibility": "Reversibility", "blast": "Blast radius", "compliance": "Compliance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of a difference: added, removed, a heading, or context."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changes in one file."""

    path: str
    lines: Sequence[DiffLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, and how it is undone."""

    number: int
    title: str
    command: str
    target: str
    timeout_s: int
    params: Sequence[tuple[str, str]]
    undo_title: str
    undo_command: str
    undo_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One line of the risk table, with five dots."""

    name: str
    level: str
    note: str
    points: int

    @property
    def dots(self) -> Sequence[bool]:
        """Which of the five dots are filled."""
        return [at < self.points for at in range(5)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A change, ready to be shown."""

    digest: str
    version: int
    intent: str
    incident: str
    environment: str
    runbook: str
    proposer: str
    proposer_kind: str
    interested: Sequence[str]
    steps: Sequence[Step]
    preconditions: Sequence[str]
    verification: str
    watched_s: int
    holds_s: int
    touches: Sequence[tuple[str, str]]
    unaffected: Sequence[str]
    diffs: Sequence[Diff]
    blast: str
    blast_services: Sequence[str]
    evidence: Sequence[tuple[str, str]]
    confidence: str
    hypothesis: str
    tier: str
    score: int
    factors: Sequence[Factor]
    policy_version: int
    rule: str
    people: int
    created_at: datetime | None
    execute_by: datetime | None
    size: int

    @property
    def band(self) -> str:
        """Which scores have this tier."""
        return marks.TIER_BAND.get(self.tier, "")

    @property
    def pledge(self) -> Sequence[tuple[str, bool]]:
        """The signed sentence in pieces, with those marked that name what and where."""
        names = {self.environment, *self.targets, *(value for step in self.steps for _, value in step.params)}
        pieces = re.split(r"(\s+)", self.intent)
        return [(piece, piece.strip(".,;:") in names or bool(NAMED.fullmatch(piece.strip(".,;:")))) for piece in pieces]

    @property
    def targets(self) -> Sequence[str]:
        """Slugs of what the steps act on."""
        return sorted({step.target.rpartition("/")[2] for step in self.steps})


def read(digest: str) -> Plan:
    """The change with this digest, its bytes hashed again.

    Raises:
        NotFoundError: There is no such change.
        RefusedError: The stored bytes are not what was frozen, or not a change.
    """
    return parse(bytes(documents.read(digest).content), digest)


def parse(content: bytes, digest: str) -> Plan:
    """Bytes as a plan.

    Raises:
        RefusedError: These bytes are not a change document.
    """
    body = documents.parsed(content)
    try:
        return _plan(body, digest, len(content))
    except (KeyError, TypeError, ValueError) as error:
        detail = "The stored bytes are not a change document. Run ./manage.py audit fsck."
        raise RefusedError(detail, sha256=digest) from error


def _plan(body: Mapping[str, Any], digest: str, size: int) -> Plan:
    runbook, risk, policy = body.get("runbook") or {}, body.get("risk") or {}, body.get("policy") or {}
    blast = body.get("blast_radius") or {}
    return Plan(
        digest=digest,
        version=int(body["version"]),
        intent=str(body["intent"]),
        incident=str(body["incident"]),
        environment=str(body["environment"]),
        runbook="@".join(str(runbook[key]) for key in ("name", "version") if key in runbook),
        proposer=str(body["proposer"]["id"]).rpartition(":")[2],
        proposer_kind=str(body["proposer"]["kind"]),
        interested=[str(person) for person in body.get("interested_persons", [])],
        steps=[_step(number, step) for number, step in enumerate(body["steps"], 1)],
        preconditions=[str(one["sentence"]).rstrip(".") for one in body.get("preconditions", [])],
        verification=str((body.get("verification") or {}).get("sentence", "")),
        watched_s=int((body.get("verification") or {}).get("timeout_s", 0)),
        holds_s=int((body.get("verification") or {}).get("hold_s", 0)),
        touches=[(str(one["name"]), str(one["sentence"])) for one in body.get("touches", [])],
        unaffected=[str(one) for one in body.get("unaffected", [])],
        diffs=[_diff(one) for one in body.get("diffs", [])],
        blast=str(blast.get("sentence", "")),
        blast_services=[str(one) for one in blast.get("services", [])],
        evidence=[(str(one["name"]), str(one["sha256"])) for one in body.get("evidence", [])],
        confidence=f"{float(body.get('confidence') or 0) * 100:.0f} %",
        hypothesis=str(body.get("hypothesis", "")),
        tier=str(risk["tier"]),
        score=int(risk["score"]),
        factors=[_factor(one) for one in risk.get("factors", [])],
        policy_version=int(policy.get("version", 0)),
        rule=str(policy.get("rule", "")),
        people=int(policy.get("people", 0)),
        created_at=_moment(body.get("created_at")),
        execute_by=_moment(body.get("execute_by")),
        size=size,
    )


def _step(number: int, step: Mapping[str, Any]) -> Step:
    undo = step.get("undo") or {}
    return Step(
        number=number,
        title=str(step["title"]),
        command=str(step["command"]),
        target=str(step["target"]),
        timeout_s=int(step.get("timeout_s", 0)),
        params=[(str(one["name"]), str(one["value"])) for one in step.get("params", [])],
        undo_title=str(undo.get("title", "")),
        undo_command=str(undo.get("command", "")),
        undo_note=str(step.get("undo_note", "")),
    )


def _factor(one: Mapping[str, Any]) -> Factor:
    name = str(one["name"])
    return Factor(
        name=FACTORS.get(name, name.capitalize()),
        level=str(one["level"]),
        note=str(one.get("note", "")),
        points=int(one["points"]),
    )


def diff_lines(text: str) -> list[DiffLine]:
    """A unified difference, line by line."""
    lines = []
    for line in text.splitlines():
        if line.startswith(("diff ", "index ", "--- ", "+++ ", "@@", "new file", "deleted file")):
            lines.append(DiffLine(kind="h", sign="", text=line))
        elif line.startswith("+"):
            lines.append(DiffLine(kind="a", sign="+", text=line[1:]))
        elif line.startswith("-"):
            lines.append(DiffLine(kind="d", sign="−", text=line[1:]))
        else:
            lines.append(DiffLine(kind="", sign=" ", text=line.removeprefix(" ")))
    return lines


def _diff(one: Mapping[str, Any]) -> Diff:
    return Diff(path=str(one["path"]), lines=diff_lines(str(one["text"])))


def _moment(text: object) -> datetime | None:
    return clock.from_rfc3339(text) if isinstance(text, str) and text else None
