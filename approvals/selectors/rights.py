"""Lent rights to sign, and overrides: who may sign for whom, and what one person took on themselves alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from approvals import askees, bundles, overriding
from approvals.models import ApprovalRequest, Change, Delegation, Override, OverrideReview
from approvals.selectors.told import Name, listed, names_of
from audit import ledger
from core import clock
from proof.documents import parse_change
from proof.documents.policy import within

COMING, ACTIVE, ENDED, OVER = "coming", "active", "ended", "over"
OPEN, UPHELD, OBJECTED, OVERDUE = "open", "upheld", "objected", "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationTold:
    """A lent right to sign.

    Attributes:
        state: coming, active, ended (early, by one of the two), over (its time).
        act_sha256: digest of the signed act; a decision made under it names this.
    """

    id: str
    delegator_id: str
    delegator: str
    delegate_id: str
    delegate: str
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    state: str
    ended_at: datetime | None
    act_sha256: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideTold:
    """An override and its review.

    Attributes:
        state: open, overdue (nobody reviewed it in time), upheld, objected.
        needed: how many others must review it; 0 where there is nobody who could.
        reviewers: who did.
    """

    statement_sha256: str
    request_id: int | None
    change: str
    intent: str
    incident: str
    person_id: str
    name: str
    reason: str
    used_at: datetime
    expires_at: datetime
    review_by: datetime
    state: str
    needed: int
    reviewers: tuple[Name, ...]
    sentence: str


def delegations(person_id: str = "") -> list[DelegationTold]:
    """Every delegation, newest first; with a person, those that they gave or got."""
    rows = Delegation.objects.order_by("-made_at", "-pk")
    if person_id:
        rows = rows.filter(Q(delegator=person_id) | Q(delegate=person_id))
    return _told(rows)


def delegations_for(request: ApprovalRequest, person_id: str) -> list[DelegationTold]:
    """Those that somebody could sign under here: in force, for each of its steps, and never for what is CRITICAL."""
    if request.change.tier == "CRITICAL":
        return []
    change = parse_change(ledger.fetch(request.change_id))
    mine = [one for one in delegations(person_id) if one.delegate_id == person_id and one.state == ACTIVE]
    return [
        one
        for one in mine
        if all(step.action in one.actions and within(one.targets, step.target) for step in change.steps)
        and one.delegator_id in askees.asked_at(request)
    ]


def overrides(limit: int = 50) -> list[OverrideTold]:
    """The overrides that the ledger holds, newest first."""
    found = overriding.used()[::-1][:limit]
    rows = Override.objects.in_bulk([one.statement_sha256 for one in found])
    changes = Change.objects.in_bulk([one.change_sha256 for one in found])
    notes = OverrideReview.objects.filter(override__in=rows.values()).values_list("person_id", flat=True)
    people = names_of({*(one.person_id for one in found), *notes, *_reviewers(found)})
    return [_override(one, rows.get(one.statement_sha256), changes.get(one.change_sha256), people) for one in found]


def open_overrides() -> list[OverrideTold]:
    """Those that others have not reviewed yet: for the banner on every page."""
    return [one for one in overrides() if one.state in {OPEN, OVERDUE}]


def override_of(request: ApprovalRequest) -> OverrideTold | None:
    """The override under which a request was granted, if it was."""
    return next((one for one in overrides() if one.change == request.change_id), None)


def may_override(request: ApprovalRequest, person_id: str) -> str:
    """Why a person may not override here, as a sentence; empty if they may."""
    return overriding.why_not(request, person_id)


def _told(rows: Iterable[Delegation]) -> list[DelegationTold]:
    found = list(rows)
    people = names_of({person for row in found for person in (row.delegator, row.delegate)})
    return [_delegation(row, people[row.delegator].name, people[row.delegate].name) for row in found]


def _delegation(row: Delegation, giver: str, taker: str) -> DelegationTold:
    scope = f"{listed(row.actions)} on {listed(row.targets)}"
    return DelegationTold(
        id=row.pk,
        delegator_id=row.delegator,
        delegator=giver,
        delegate_id=row.delegate,
        delegate=taker,
        actions=tuple(row.actions),
        targets=tuple(row.targets),
        not_before=row.not_before,
        not_after=row.not_after,
        state=_state(row),
        ended_at=row.ended_at,
        act_sha256=row.sidecar_sha256,
        sentence=f"{taker} may sign for {giver}: {scope}. Never for what is CRITICAL; the two count as one person.",
    )


def _state(row: Delegation) -> str:
    now = clock.now()
    if row.ended_at is not None:
        return ENDED
    if now > row.not_after:
        return OVER
    return ACTIVE if row.not_before <= now else COMING


def _reviewers(found: Iterable[overriding.Used]) -> set[str]:
    return {person for one in found for person in one.review.upheld | one.review.objected}


def _override(
    one: overriding.Used, row: Override | None, change: Change | None, people: dict[str, Name]
) -> OverrideTold:
    rules, used_at = bundles.in_force().policy.override, clock.from_rfc3339(one.issued_at)
    review_by = row.review_by if row else used_at + timedelta(seconds=rules.review_s)
    looked = one.review.upheld | one.review.objected
    state = _review_state(one, review_by)
    return OverrideTold(
        statement_sha256=one.statement_sha256,
        request_id=row.request_id if row else None,
        change=one.change_sha256,
        intent=change.intent if change else "",
        incident=change.incident if change else "",
        person_id=one.person_id,
        name=people[one.person_id].name,
        reason=row.reason if row else "",
        used_at=row.used_at if row else used_at,
        expires_at=row.expires_at if row else used_at + timedelta(seconds=rules.expires_s),
        review_by=review_by,
        state=state,
        needed=one.review.needed,
        reviewers=tuple(people[person] for person in sorted(looked)),
        sentence=_review_sentence(one, state, people[one.person_id].name),
    )


def _review_state(one: overriding.Used, review_by: datetime) -> str:
    if one.review.closed:
        return OBJECTED if one.review.objected else UPHELD
    return OVERDUE if clock.now() > review_by else OPEN


def _review_sentence(one: overriding.Used, state: str, who: str) -> str:
    have = len(one.review.upheld | one.review.objected)
    if not one.review.needed:
        return "Nobody can review this; it stays open in red until somebody else with a right to sign is enrolled."
    if state == UPHELD:
        return f"{have} others found it right."
    if state == OBJECTED:
        return f"{len(one.review.objected)} of {have} others objected."
    left = f"{have} of {one.review.needed} others have reviewed it. Until then nobody may override again."
    return f"The review is overdue. {left}" if state == OVERDUE else f"{left} {who} took it on alone."
