"""What an agent or a person asks for, before it is frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.permissions import Places, place

Piece = Mapping[str, Any]
"""A part of the change document, JSON-ready; `proof.documents` holds it to its schema when the draft is frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDraft:
    """A change document without id, version, times, nonce, risk and policy, plus what risk and policy need.

    Attributes:
        environment: such as `lab`; the audience is `executor:<environment>`.
        incident: subject of the incident, such as `incident:42`.
        intent: the one sentence that is signed.
        runbook: name, version, sha256.
        proposer: kind and id; a proposing person becomes an interested person by itself.
        interested_persons: person ids that may not approve.
        steps: index, action, adapter, target, title, command, params, timeout_s, idempotency_key, undo, undo_note.
        factors: data, reversibility, blast, compliance to (level, note), as S18 names them.
        criticality: of the service it is about: critical, important, normal.
        confidence: of the hypothesis, 0..1.
        autonomy: observe, suggest or act: the most that agents may do here.
        tainted: whether a model or text from outside wrote any parameter.
        revises: digest of the change that this one replaces, else empty.
        teams: team of each target's service, where it has one.
        checks: what was tried beforehand to see whether the executor can do it: target, possible, sentence.
        not_before, execute_by: the window in which it is to run; None for as soon as it is granted.
    """

    environment: str
    incident: str
    intent: str
    runbook: Piece
    proposer: Piece
    steps: Sequence[Piece]
    verification: Piece
    blast_radius: Piece
    factors: Mapping[str, tuple[str, str]]
    criticality: str
    confidence: float
    hypothesis: str
    preconditions: Sequence[Piece] = ()
    touches: Sequence[Piece] = ()
    unaffected: Sequence[str] = ()
    diffs: Sequence[Piece] = ()
    evidence: Sequence[Piece] = ()
    interested_persons: Sequence[str] = ()
    autonomy: str = "act"
    tainted: bool = False
    revises: str = field(default="")
    teams: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[Piece] = ()
    not_before: datetime | None = None
    execute_by: datetime | None = None

    def places(self) -> Places:
        """Its targets, for roles that are held in a part."""
        targets = sorted({str(step["target"]) for step in self.steps})
        return tuple(place(*_parts(self.environment, target), self.teams.get(target, "")) for target in targets)


def _parts(environment: str, target: str) -> tuple[str, str]:
    head, slash, slug = target.partition("/")
    return (head, slug) if slash else (environment, target)
