"""May this exact change run? The one rule that server, executor and outside verifier share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from proof import canonical
from proof.documents import TIERS, Change, DocumentError, Policy, parse_change, parse_policy, rank
from proof.documents.policy import MAX_PEOPLE
from proof.keys import VERIFIED_CLASSES
from proof.limits import Requirement, protected, requirement
from proof.records import Record, prefix
from proof.registry import Registry
from proof.render import text_of
from proof.slots import seated
from proof.times import later, rfc3339
from proof.votes import Ballot, Tally, tally

MAX_SIDECARS = 512
EVERYWHERE = "*"  # the environment of a policy that is for all of them
LEAST_PEOPLE = {"LOW": 0, "MEDIUM": 0, "HIGH": 1, "CRITICAL": 3}


class State(StrEnum):
    """What may be done with a change now."""

    GRANTED = "GRANTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with its reasons as sentences.

    Attributes:
        needed, have: people who must approve, and who did in a way that counts; 0 needed if policy decided alone.
        counted: (person id, key id, decision) of what decided it; the person is empty for the policy service.
        tier: what the change counts as, the higher of floor and claim; empty if it could not be read.
        slots: what is still missing, a sentence each.
        refused: (person id, sentence): who may not sign, and why.
        override: whether one person took it on themselves.
        standing: the digest of the standing approval that it ran under; or empty.
        uncheckable: whether there is a signature that this computer cannot check; it did not count.
    """

    state: State
    needed: int = 0
    have: int = 0
    counted: tuple[tuple[str, str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    tier: str = ""
    slots: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    override: bool = False
    standing: str = ""
    uncheckable: bool = False


class _InvalidError(ValueError):
    """No signature could make this change run."""


def evaluate(  # noqa: PLR0913 -- everything that a judgement rests on, and nothing else
    change_bytes: bytes,
    records: Sequence[Record],
    registry: Registry,
    policy: bytes,
    *,
    now: datetime,
    audience: str,
    size: int | None = None,
) -> Verdict:
    """Judge a change by its signed statements, in the order in which they were recorded.

    Args:
        change_bytes: the canonical bytes; nothing else is asked about the change.
        records: signed statements and acts with their places in the ledger; doubles count once.
        registry: verified, of the version in force at that time.
        policy: the bytes of the policy bundle in force; the caller has checked its signature.
        now: aware; decides whether the time is over.
        audience: for whom one judges, such as `executor:lab`.
        size: judge by the first so many entries of the ledger alone; None for all that is given.
    """
    sidecars = [record.data for record in prefix(records, size)]
    try:
        change, need = _demand(change_bytes, policy, audience)
        if len(sidecars) > MAX_SIDECARS:
            msg = f"There are {len(sidecars)} signed statements; {MAX_SIDECARS} are the most."
            raise _InvalidError(msg)
    except (_InvalidError, DocumentError) as error:
        return Verdict(state=State.INVALID, reasons=(str(error),))
    digest = canonical.sha256(change_bytes)
    ballot = Ballot(
        change=change,
        change_sha256=digest,
        render_sha256=canonical.sha256(text_of(change, digest).encode()),
        requirement=need,
        policy=parse_policy(policy),
        registry=registry,
        now=rfc3339(now),
    )
    return _judge(ballot, tally(ballot, sidecars))


def _judge(ballot: Ballot, votes: Tally) -> Verdict:
    change, need = ballot.change, ballot.requirement
    base = Verdict(state=State.PENDING, needed=need.people, reasons=tuple(votes.reasons), tier=need.tier)
    if votes.rejections:
        return replace(base, state=State.REJECTED, counted=tuple(votes.rejections))
    if votes.automatic:
        base = replace(base, state=State.GRANTED, needed=0, counted=tuple(votes.automatic))
        return _within_time(base, change, ballot.now)
    needed = max(1, need.people)
    people = {person: {approval.key_class for approval in live} for person, live in votes.approvals.items() if live}
    have = seated(_slots(need, needed), people)
    counted = [(person, live[0].key_id, "approve") for person, live in votes.approvals.items() if live]
    state = State.GRANTED if have >= needed else State.PENDING
    reasons = [*base.reasons, _sentence(need, have, needed, len(people))]
    found = replace(base, state=state, needed=needed, have=have, counted=tuple(counted), reasons=tuple(reasons))
    return _within_time(found, change, ballot.now)


def _within_time(verdict: Verdict, change: Change, now: str) -> Verdict:
    granted = verdict.state is State.GRANTED
    if granted and now <= change.execute_by:
        return verdict
    if granted:
        reason = f"It was approved, but had to start by {change.execute_by}."
    elif now > change.expires_at:
        reason = f"The time to collect signatures ended at {change.expires_at}; that never approves."
    else:
        return verdict
    return replace(verdict, state=State.EXPIRED, reasons=(*verdict.reasons, reason))


def _sentence(need: Requirement, have: int, needed: int, people: int) -> str:
    if have < needed <= people:
        return (
            f"{need.tier} needs a key that checked its user, by PIN or finger; none of the {people} approvals has one."
        )
    return f"{have} of {needed} people approved. {need.sentence}"


def _slots(need: Requirement, needed: int) -> list[frozenset[str]]:
    slots = [need.classes] * needed
    if need.tier == "CRITICAL":
        slots[0] = need.classes & VERIFIED_CLASSES
    return slots


def _demand(change_bytes: bytes, policy_bytes: bytes, audience: str) -> tuple[Change, Requirement]:
    """What the change needs in the end: the floor, or more where the change claims more."""
    change, policy = parse_change(change_bytes), parse_policy(policy_bytes)
    if change.audience != audience:
        msg = f"The change is for {change.audience}, not for {audience}."
        raise _InvalidError(msg)
    if canonical.sha256(policy_bytes) != change.policy_sha256 or policy.version != change.policy_version:
        msg = "The change was made under another policy than the one in force."
        raise _InvalidError(msg)
    if policy.environment not in {EVERYWHERE, change.environment}:
        msg = f"The policy is for {policy.environment}, not for {change.environment}."
        raise _InvalidError(msg)
    for target in protected(change, policy):
        msg = f"{target} is protected: nothing may act on it."
        raise _InvalidError(msg)
    floor = requirement(change, policy)
    _check_claim(change, floor)
    _check_windows(change, policy)
    tier = TIERS[max(rank(floor.tier), rank(change.tier))]
    people = max(floor.people, change.policy_people, LEAST_PEOPLE[tier])
    ceiling = min(rank(policy.auto_max_tier), rank("MEDIUM"))
    may_auto = floor.may_auto and change.policy_people == 0 and rank(tier) <= ceiling
    return change, replace(floor, tier=tier, people=people, may_auto=may_auto)


def _check_claim(change: Change, floor: Requirement) -> None:
    if change.policy_people > MAX_PEOPLE:
        msg = f"The change asks for {change.policy_people} people; {MAX_PEOPLE} are the most."
        raise _InvalidError(msg)
    if rank(change.tier) < rank(floor.tier):
        msg = f"The change claims to be {change.tier}, but {floor.sentence}"
        raise _InvalidError(msg)
    automatic = floor.may_auto and change.policy_people == 0
    if change.policy_people < floor.people and not automatic:
        msg = f"The change claims to need {change.policy_people} people, but the limits ask for {floor.people}."
        raise _InvalidError(msg)


def _check_windows(change: Change, policy: Policy) -> None:
    if not change.created_at <= change.expires_at <= change.execute_by or change.not_before > change.execute_by:
        msg = "The times of the change contradict each other."
        raise _InvalidError(msg)
    for window in policy.windows:
        if window.tier != change.tier:
            continue
        if change.expires_at > later(change.created_at, window.collect_s):
            msg = f"The change collects signatures for longer than a {window.tier} one may."
            raise _InvalidError(msg)
        if change.execute_by > later(change.created_at, window.collect_s + window.execute_s):
            msg = f"The change may start later than a {window.tier} one may."
            raise _InvalidError(msg)
