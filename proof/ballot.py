"""What is voted on: a change or a standing approval, by which rules, at which time and place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from proof import canonical
from proof.documents import Change, Policy
from proof.limits import Requirement
from proof.lineage import Find, nothing
from proof.records import Record
from proof.registry import Registry
from proof.render import text_of
from proof.times import later

SKEW_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a judgement rests on beside the bytes that are judged.

    Attributes:
        records: in the order in which the caller has them.
        policy: the bytes of the bundle in force.
        now: as documents write times.
        size: of the log that counts; None for all that is given.
        find: gives documents by digest; None for one that is not known.
        open_overrides: digests of the override statements that nobody has reviewed yet.
    """

    records: Sequence[Record]
    registry: Registry
    policy: bytes
    now: str
    audience: str
    size: int | None = None
    find: Find = nothing
    open_overrides: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What is voted on.

    Attributes:
        subject_name, subject_sha256: as statements name it.
        tier_shown, render_sha256: what a signer must have seen.
        opened_at, closes_at: between which times a statement about it may be handed out.
        proposers: who shaped it as it says itself; the authors that acts name come on top.
        actions: (action, target) of every step, which a delegation must cover.
        people: how many must sign at least.
        size: of the log that counts; None for all that is given.
    """

    subject_name: str
    subject_sha256: str
    tier_shown: str
    render_sha256: str
    audience: str
    policy_sha256: str
    opened_at: str
    closes_at: str
    proposers: frozenset[str]
    actions: frozenset[tuple[str, str]]
    requirement: Requirement
    people: int
    policy: Policy
    registry: Registry
    now: str
    size: int | None

    @property
    def tier(self) -> str:
        """The tier that counts, the higher of floor and claim."""
        return self.requirement.tier

    @property
    def groups(self) -> frozenset[str]:
        """Whoever is in one of these may decide."""
        return self.requirement.groups | frozenset(self.policy.deny.veto_groups)

    def may_decide(self, person_id: str) -> bool:
        """Whether a person is eligible by role or group."""
        return any(self.registry.in_group(person_id, group) for group in self.groups)


def of_change(change: Change, change_bytes: bytes, need: Requirement, policy: Policy, basis: Basis) -> Ballot:
    """The ballot about a change."""
    digest = canonical.sha256(change_bytes)
    proposer = {change.proposer_id} if change.proposer_kind == "person" else set()
    return Ballot(
        subject_name=f"change/{change.id}@{change.version}",
        subject_sha256=digest,
        tier_shown=change.tier,
        render_sha256=canonical.sha256(text_of(change, digest).encode()),
        audience=change.audience,
        policy_sha256=change.policy_sha256,
        opened_at=later(change.created_at, -SKEW_S),
        closes_at=change.expires_at,
        proposers=frozenset(proposer) | frozenset(change.interested_persons),
        actions=frozenset((step.action, step.target) for step in change.steps),
        requirement=need,
        people=max(1, need.people),
        policy=policy,
        registry=basis.registry,
        now=basis.now,
        size=basis.size,
    )
