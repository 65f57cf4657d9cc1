"""What was said about a request: decisions with what their signers claim to have seen, questions and answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.models import ApprovalRequest, Decision, Delegation, Question
from approvals.selectors.told import actor_names, names_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTold:
    """A signed decision.

    Attributes:
        person_id: empty for the policy service.
        key_class: of the signature as it was made.
        viewed_ms, sections_seen: how long and what the signer's side claims to have shown; signed, never believed.
        for_person_id, for_name: who lent the right to sign; empty where it is the signer's own.
        is_override: whether the signer took it on themselves alone.
        stands: whether it is the last thing that this person said.
    """

    statement_sha256: str
    sidecar_sha256: str
    verdict: str
    person_id: str
    name: str
    initials: str
    key_id: str
    key_class: str
    decided_at: datetime
    comment: str
    viewed_ms: int
    sections_seen: tuple[str, ...]
    for_person_id: str
    for_name: str
    is_override: bool
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTold:
    """A question with its answer, if there is one.

    Attributes:
        asked_by, answered_by: as the ledger writes them.
        cites: name and digest of the stored documents that an answer rests on.
        note: what the agents said where nothing that is stored answers it.
    """

    id: int
    text: str
    to: str
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    answer: str
    answered_by: str
    answered_by_name: str
    answered_at: datetime | None
    cites: tuple[tuple[str, str], ...]
    note: str
    is_open: bool


def decisions(request: ApprovalRequest) -> list[DecisionTold]:
    """All decisions about a request, oldest first; a person's last one stands."""
    rows = list(request.decisions.order_by("decided_at", "pk"))
    lenders = _lenders(rows)
    people = names_of({*(row.person_id for row in rows), *lenders.values()})
    last = {row.person_id: row.pk for row in rows}
    return [
        DecisionTold(
            statement_sha256=row.pk,
            sidecar_sha256=row.sidecar_sha256,
            verdict=row.verdict,
            person_id=row.person_id,
            name=people[row.person_id].name if row.person_id else "the policy",
            initials=people[row.person_id].initials if row.person_id else "",
            key_id=row.key_id,
            key_class=row.key_class,
            decided_at=row.decided_at,
            comment=row.comment,
            viewed_ms=row.viewed_ms,
            sections_seen=tuple(row.sections_seen),
            for_person_id=lenders.get(row.delegation, ""),
            for_name=people[lenders[row.delegation]].name if row.delegation in lenders else "",
            is_override=row.is_override,
            stands=last[row.person_id] == row.pk,
        )
        for row in rows
    ]


def questions(request: ApprovalRequest) -> list[QuestionTold]:
    """All questions about a request, oldest first."""
    return told_questions(request.questions.order_by("pk"))


def told_questions(found: Iterable[Question]) -> list[QuestionTold]:
    """Questions as pages show them."""
    rows = list(found)
    people = actor_names(actor for row in rows for actor in (row.asked_by, row.answered_by) if actor)
    return [
        QuestionTold(
            id=row.pk,
            text=row.text,
            to=row.to,
            asked_by=row.asked_by,
            asked_by_name=people[row.asked_by],
            asked_at=row.asked_at,
            answer=row.answer,
            answered_by=row.answered_by,
            answered_by_name=people.get(row.answered_by, ""),
            answered_at=row.answered_at,
            cites=tuple((str(cite["name"]), str(cite["sha256"])) for cite in row.cites),
            note=row.note,
            is_open=row.is_open,
        )
        for row in rows
    ]


def _lenders(rows: Iterable[Decision]) -> dict[str, str]:
    """Digest of the act that lent the right to sign, to who lent it."""
    digests = {row.delegation for row in rows if row.delegation}
    found = Delegation.objects.filter(sidecar_sha256__in=digests)
    return dict(found.values_list("sidecar_sha256", "delegator"))
