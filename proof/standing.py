"""Standing approvals: who must sign one, and whether a change lies within one (H15).

How often one was used is not asked here: whoever runs changes counts the intents in the log.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from proof import canonical
from proof.authority import authority
from proof.ballot import Ballot, Basis
from proof.count import count
from proof.documents import (
    END_STANDING,
    Act,
    Change,
    DocumentError,
    Limit,
    Policy,
    Standing,
    parse_policy,
    parse_standing,
    rank,
)
from proof.documents.demands import Range
from proof.documents.policy import within
from proof.limits import Floor, Requirement, strictest
from proof.records import Record, prefix
from proof.registry import Registry
from proof.render_standing import text_of_standing
from proof.revocations import CheckedActs
from proof.signed import Claimed, NotCountedError, read_all
from proof.slots import TooManyError
from proof.times import later, rfc3339
from proof.verdict import InvalidError, State, Verdict
from proof.votes import APPROVE, tally

CEILING = "MEDIUM"
LONGEST_DAYS = 30
DAY_S = 86_400
SUBJECT = "standing:"


def evaluate_standing(  # noqa: PLR0913 -- everything that a judgement rests on, and nothing else
    standing_bytes: bytes,
    records: Sequence[Record],
    registry: Registry,
    policy: bytes,
    *,
    now: datetime,
    audience: str,
    size: int | None = None,
) -> Verdict:
    """Judge a standing approval by its signed statements; the arguments are those of `quorum.evaluate`.

    GRANTED means that changes within it may run from its first to its last day, as often as it says. It ends with a key
    or a role of its signers, with the policy, and with a signed act of anybody who may decide.
    """
    basis = Basis(records=records, registry=registry, policy=policy, now=rfc3339(now), audience=audience, size=size)
    return judge_standing(standing_bytes, basis)[1]


def judge_standing(standing_bytes: bytes, basis: Basis) -> tuple[Standing | None, Verdict]:
    """The standing approval, read, and the verdict about it; None where the bytes are none."""
    standing = None
    try:
        standing, policy = parse_standing(standing_bytes), parse_policy(basis.policy)
        ballot = _ballot(standing, standing_bytes, policy, basis)
        return standing, _judge(standing, ballot, basis)
    except (InvalidError, DocumentError, TooManyError) as error:
        return standing, Verdict(state=State.INVALID, reasons=(str(error),))


def require_within(digest: str, change: Change, need: Requirement, basis: Basis) -> None:
    """Refuse a change that may not run under the standing approval of a digest.

    Raises:
        NotCountedError: It may not; the sentence says why.
    """
    data = basis.find(digest)
    if data is None or canonical.sha256(data) != digest:
        msg = "The standing approval that it names is not there."
        raise NotCountedError(msg)
    standing, verdict = judge_standing(data, basis)
    if standing is None or verdict.state is not State.GRANTED:
        msg = f"The standing approval does not hold: {' '.join(verdict.reasons)}"
        raise NotCountedError(msg)
    if not standing.not_before <= basis.now <= standing.not_after:
        msg = f"The standing approval is for the time from {standing.not_before} to {standing.not_after}."
        raise NotCountedError(msg)
    if rank(need.tier) > rank(CEILING):
        msg = f"Nothing that is {need.tier} runs under a standing approval."
        raise NotCountedError(msg)
    for step in change.steps:
        params = {item.name: item.value for item in step.params}
        if not standing.covers(step.action, step.adapter, step.target, params):
            msg = f"Step {step.index} lies outside the standing approval."
            raise NotCountedError(msg)
    signers = {basis.registry.canonical_person(person) for person, _, kind in verdict.counted if kind == APPROVE}
    if len(signers) < need.people:
        msg = f"The change needs {need.people} people, and {len(signers)} signed the standing approval."
        raise NotCountedError(msg)


def _ballot(standing: Standing, standing_bytes: bytes, policy: Policy, basis: Basis) -> Ballot:
    _check(standing, policy, basis)
    floors = [
        (floor, target, sentence)
        for target in standing.targets
        for floor, sentence in _floors(standing, target, policy)
    ]
    need = strictest(floors, policy)
    if rank(need.tier) > rank(CEILING):
        msg = f"{need.sentence} A standing approval reaches up to {CEILING}."
        raise InvalidError(msg)
    people = max(1, need.people)
    need = replace(need, people=people, quorums=tuple(quorum.raised_to(people) for quorum in need.quorums))
    digest = canonical.sha256(standing_bytes)
    return Ballot(
        subject_name=f"standing/{standing.id}",
        subject_sha256=digest,
        tier_shown=need.tier,
        render_sha256=canonical.sha256(text_of_standing(standing, digest).encode()),
        audience=standing.audience,
        policy_sha256=standing.policy_sha256,
        opened_at="",
        closes_at=standing.not_after,
        proposers=frozenset({standing.requested_by}),
        actions=frozenset((standing.action, target) for target in standing.targets),
        requirement=need,
        people=people,
        policy=policy,
        registry=basis.registry,
        now=basis.now,
        size=basis.size,
    )


def _check(standing: Standing, policy: Policy, basis: Basis) -> None:
    environment = standing.audience.removeprefix("executor:")
    if standing.audience != basis.audience or any(not item.startswith(f"{environment}/") for item in standing.targets):
        msg = f"The standing approval is not for {basis.audience}, or a target lies outside of it."
        raise InvalidError(msg)
    if standing.policy_sha256 != canonical.sha256(basis.policy):
        msg = "The standing approval ended when another policy came into force."
        raise InvalidError(msg)
    days = min(policy.standing.max_days, LONGEST_DAYS)
    if standing.not_after > later(standing.not_before, days * DAY_S) or standing.max_uses > policy.standing.max_uses:
        msg = f"The policy allows standing approvals for {days} days and {policy.standing.max_uses} uses."
        raise InvalidError(msg)
    for target in standing.targets:
        if within(policy.protected_targets, target):
            msg = f"{target} is protected: nothing may act on it."
            raise InvalidError(msg)


def _floors(standing: Standing, target: str, policy: Policy) -> list[tuple[Floor, str]]:
    """What the limits say about any change within it: every limit that it touches, and the rest if it leaves a gap."""
    touched: list[tuple[Floor, str]] = []
    whole = False
    for limit in policy.limits:
        if limit.action == standing.action and within(limit.targets, target) and _touches(standing, limit):
            touched.append((limit, f"{standing.action} on {target} is at least {limit.tier}."))
            whole = whole or _encloses(standing, limit)
    if whole:
        return touched
    sentence = f"No limit names all of {standing.action} on {target} that it allows, so it is {policy.unlisted.tier}."
    return [*touched, (policy.unlisted, sentence)]


def _ends(standing: Standing, item: Range) -> tuple[int, int] | None:
    """The least and the greatest that a parameter may be; None if it need not be a whole number, or is not there."""
    allowed = next((found for found in standing.params if found.name == item.name), None)
    if allowed is None:
        return None
    if allowed.const is None:
        return allowed.low, allowed.high
    at = Range(name=item.name, low=-(2**53), high=2**53)
    return (int(allowed.const), int(allowed.const)) if at.takes(allowed.const) else None


def _touches(standing: Standing, limit: Limit) -> bool:
    ends = [(_ends(standing, item), item) for item in limit.params]
    return all(found is not None and found[0] <= item.high and item.low <= found[1] for found, item in ends)


def _encloses(standing: Standing, limit: Limit) -> bool:
    ends = [(_ends(standing, item), item) for item in limit.params]
    return all(found is not None and item.low <= found[0] and found[1] <= item.high for found, item in ends)


def _judge(standing: Standing, ballot: Ballot, basis: Basis) -> Verdict:
    claims, reasons = read_all(prefix(basis.records, basis.size))
    mine = [item for item in claims if isinstance(item.said, Act) or item.said.change_sha256 == ballot.subject_sha256]
    holds = authority(ballot, mine, frozenset())
    votes = tally(ballot, mine, holds)
    base = Verdict(
        state=State.PENDING,
        needed=ballot.people,
        reasons=(*reasons, *votes.reasons),
        tier=ballot.tier,
        uncheckable=votes.uncheckable or holds.uncheckable,
    )
    if votes.denied:
        return replace(base, state=State.REJECTED, counted=tuple(votes.rejections))
    ended = _ended(standing, ballot, mine)
    if ended or basis.now > standing.not_after:
        reason = ended or f"It ended at {standing.not_after}."
        return replace(base, state=State.EXPIRED, reasons=(*base.reasons, reason))
    reached = count(ballot, votes.approvals, holds)
    people = [(given[0].signer_id, given[0].key_id, APPROVE) for given in votes.approvals.values()]
    have = max(0, ballot.people - reached.missing)
    sentence = f"{have} of {ballot.people} people signed. {ballot.requirement.sentence}"
    return replace(
        base,
        state=State.PENDING if reached.missing else State.GRANTED,
        have=have,
        counted=(*votes.rejections, *people),
        reasons=(*base.reasons, sentence),
        slots=reached.slots,
    )


def _ended(standing: Standing, ballot: Ballot, claims: Sequence[Claimed]) -> str:
    """Who ended it, as a sentence: anybody who may decide, whoever asked for it, a key-admin."""
    checked, registry = CheckedActs(ballot.registry), ballot.registry
    for item in claims:
        act = item.said
        if not isinstance(act, Act) or act.kind != END_STANDING or act.subject != f"{SUBJECT}{standing.id}":
            continue
        may = ballot.may_decide(act.person_id) or act.person_id in {standing.requested_by, *registry.admins()}
        key = registry.key(act.key_id)
        if may and key is not None and checked.holds(item):
            return f"{act.person_id} ended it at {act.issued_at}."
    return ""
