"""May this exact change run? The one rule that server, executor and outside verifier share.

The answer at a size of the log is a function of the log's first entries up to that size, of the registry, the policy
and the time; nothing else is asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from proof.ballot import Ballot, Basis
from proof.case import Case, open_case
from proof.count import Count, count
from proof.documents import Change, DocumentError, parse_change
from proof.eligible import barred, concerned
from proof.lineage import Find, nothing
from proof.overrides import require_override
from proof.records import Record
from proof.registry import Registry
from proof.signed import NotCountedError
from proof.slots import TooManyError
from proof.standing import evaluate_standing, require_within
from proof.times import rfc3339
from proof.verdict import InvalidError, State, Verdict
from proof.votes import APPROVE, Tally

__all__ = ["State", "Verdict", "evaluate", "evaluate_standing", "who_may_not"]


def evaluate(  # noqa: PLR0913 -- everything that a judgement rests on, and nothing else
    change_bytes: bytes,
    records: Sequence[Record],
    registry: Registry,
    policy: bytes,
    *,
    now: datetime,
    audience: str,
    size: int | None = None,
    find: Find = nothing,
    open_overrides: Collection[str] = (),
) -> Verdict:
    """Judge a change by its signed statements, in the order in which the ledger took them in.

    Args:
        change_bytes: the canonical bytes; nothing else is asked about the change.
        records: signed statements and acts with their places in the ledger; doubles count once.
        registry: verified, of the version in force at that time.
        policy: the bytes of the policy bundle in force; the caller has checked its signature.
        now: aware; decides whether the time is over.
        audience: for whom one judges, such as `executor:lab`.
        size: judge by the first so many entries of the ledger alone; None for all that is given.
        find: gives documents by digest where they bear on this one: other changes that somebody signed something
            about, standing approvals, older policies. What it does not give counts for nothing.
        open_overrides: digests of the override statements that nobody has reviewed yet.
    """
    basis = Basis(
        records=records,
        registry=registry,
        policy=policy,
        now=rfc3339(now),
        audience=audience,
        size=size,
        find=find,
        open_overrides=open_overrides,
    )
    try:
        return _judge(open_case(change_bytes, basis), basis)
    except (InvalidError, DocumentError, TooManyError) as error:
        return Verdict(state=State.INVALID, reasons=(str(error),))


def who_may_not(
    change_bytes: bytes,
    registry: Registry,
    policy: bytes,
    records: Sequence[Record],
    *,
    now: datetime,
    find: Find = nothing,
) -> dict[str, str]:
    """Person id to a sentence, for everybody whose approval would not count now; nobody if no signature helps.

    Args:
        change_bytes: the canonical bytes.
        registry: verified.
        policy: the bytes of the bundle in force.
        records: signed statements and acts with their places in the ledger.
        now: aware.
        find: as for `evaluate`.
    """
    try:
        audience = parse_change(change_bytes).audience
        basis = Basis(records=records, registry=registry, policy=policy, now=rfc3339(now), audience=audience, find=find)
        return barred(open_case(change_bytes, basis))
    except (InvalidError, DocumentError):
        return {}


def _judge(case: Case, basis: Basis) -> Verdict:
    votes = case.votes()
    base = Verdict(
        state=State.PENDING,
        needed=case.ballot.people,
        reasons=(*case.reasons, *votes.reasons),
        tier=case.ballot.tier,
        refused=concerned(case),
        uncheckable=votes.uncheckable or case.authority.uncheckable,
    )
    if votes.denied:
        return replace(base, state=State.REJECTED, counted=tuple(votes.rejections))
    if case.denied_before():
        reason = "The same change was rejected before, and this one does not say so."
        return replace(base, state=State.REJECTED, reasons=(*base.reasons, reason))
    found = _by_people(case, votes, base)
    if found.state is not State.GRANTED:
        found = _automatic(case, votes, basis, found)
    if found.state is not State.GRANTED:
        found = _override(case, votes, basis, found)
    return _within_time(found, case.change, case.ballot.now)


def _by_people(case: Case, votes: Tally, base: Verdict) -> Verdict:
    ballot = case.ballot
    reached = count(ballot, votes.approvals, case.authority)
    people = [(given[0].signer_id, given[0].key_id, APPROVE) for given in votes.approvals.values()]
    have = max(0, ballot.people - reached.missing)
    slots, state = reached.slots, State.PENDING if reached.missing else State.GRANTED
    if case.lacks_author():
        slots, state = (*slots, f"the signature of {case.change.proposer_id} under what they proposed"), State.PENDING
    return replace(
        base,
        state=state,
        have=have,
        counted=(*votes.rejections, *people),
        reasons=(*base.reasons, _sentence(ballot, reached, have, len(people))),
        slots=slots,
    )


def _automatic(case: Case, votes: Tally, basis: Basis, found: Verdict) -> Verdict:
    """What the policy service decided, alone or under a standing approval; it never takes a person's place."""
    for statement in votes.automatic:
        granted = replace(
            found, state=State.GRANTED, needed=0, have=0, slots=(), counted=(("", statement.key_id, APPROVE),)
        )
        if not statement.standing:
            return granted
        try:
            require_within(statement.standing, case.change, case.ballot.requirement, basis)
        except NotCountedError as error:
            found = replace(found, reasons=(*found.reasons, str(error)))
        else:
            return replace(granted, standing=statement.standing)
    return found


def _override(case: Case, votes: Tally, basis: Basis, found: Verdict) -> Verdict:
    for claimed, signed in votes.overrides:
        who = claimed.person_id
        try:
            require_override(case, claimed, signed, basis)
        except NotCountedError as error:
            found = replace(found, reasons=(*found.reasons, str(error)))
            continue
        return replace(
            found,
            state=State.GRANTED,
            needed=1,
            have=1,
            slots=(),
            override=True,
            counted=((who, signed.key_id, "override"),),
            reasons=(*found.reasons, f"{who} takes it on themselves; others review it afterwards."),
        )
    return found


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


def _sentence(ballot: Ballot, reached: Count, have: int, people: int) -> str:
    if reached.unmet and have < ballot.people:
        return f"{people} people approved; what {ballot.tier} still needs is {' and '.join(reached.slots)}."
    return f"{have} of {ballot.people} people approved. {ballot.requirement.sentence}"
