"""A change with all that speaks for or against it, put in order and ready to be judged."""

from dataclasses import dataclass, replace

from proof import canonical
from proof.authority import Authority, authority
from proof.ballot import Ballot, Basis, of_change
from proof.demand import demand
from proof.documents import AUTHOR_CHANGE, Act, Change, Statement, rank
from proof.lineage import essence, nothing, related
from proof.records import prefix
from proof.signed import Claimed, read_all
from proof.verdict import InvalidError
from proof.votes import Tally, tally

MAX_STATEMENTS = 512
SIGNED_FROM = "HIGH"
"""From this tier on, people sign what they propose."""
CHANGE = "change:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the parts of a judgement share.

    Attributes:
        claims: all statements and acts of the prefix, in its order; `reasons` a sentence for whatever else there was.
        kin: digests of other versions of this change, and of changes that are the same but for their wrapping.
        twins: the latter alone.
    """

    change: Change
    ballot: Ballot
    claims: tuple[Claimed, ...]
    reasons: tuple[str, ...]
    kin: frozenset[str]
    twins: tuple[str, ...]
    authority: Authority

    def votes(self) -> Tally:
        """What the statements about this change come to; those rightly about something else are passed over."""
        mine = [item for item in self.claims if not _about(item) & self.kin and not _is_about_standing(item)]
        return tally(self.ballot, mine, self.authority)

    def denied_before(self) -> bool:
        """Whether the same was denied under another digest, and this change does not say so (H7)."""
        for digest in self.twins:
            then = replace(self.ballot, subject_sha256=digest)
            votes = tally(then, [item for item in self.claims if digest in _about(item)], self.authority)
            if votes.denied and not set(votes.denials) <= set(self.change.prior_denials):
                return True
        return False

    def lacks_author(self) -> bool:
        """Whether a person proposed it, from HIGH up, and has not signed that they did (H9)."""
        if self.change.proposer_kind != "person" or self.ballot.policy.solo:
            return False
        proposer = self.ballot.registry.canonical_person(self.change.proposer_id)
        return rank(self.ballot.tier) >= rank(SIGNED_FROM) and proposer not in self.authority.signed_by


def open_case(change_bytes: bytes, basis: Basis) -> Case:
    """Read everything and work out who may do what.

    Raises:
        InvalidError: No signature could make the change run.
        DocumentError: It is no change, or the policy none.
    """
    change, policy, need = demand(change_bytes, basis.policy, basis.audience, basis.find)
    claims, reasons = read_all(prefix(basis.records, basis.size))
    digest = canonical.sha256(change_bytes)
    elsewhere = sum(isinstance(item.said, Act) or item.said.change_sha256 != digest for item in claims)
    statements = len(basis.records) - elsewhere
    if statements > MAX_STATEMENTS:
        msg = f"There are {statements} signed statements; {MAX_STATEMENTS} are the most."
        raise InvalidError(msg)
    ballot = of_change(change, change_bytes, need, policy, basis)
    kin, twins = _kin(change, change_bytes, claims, basis)
    return Case(
        change=change,
        ballot=ballot,
        claims=tuple(claims),
        reasons=tuple(reasons),
        kin=frozenset(kin),
        twins=tuple(twins),
        authority=authority(ballot, claims, frozenset({ballot.subject_sha256, *kin})),
    )


def _kin(change: Change, change_bytes: bytes, claims: list[Claimed], basis: Basis) -> tuple[list[str], list[str]]:
    """Other changes that somebody signed something about: of the same lineage, and of these the same in essence."""
    others = sorted({digest for item in claims for digest in _about(item)} - {canonical.sha256(change_bytes)})
    if not others or basis.find is nothing:
        return [], []
    mine = essence(change_bytes)
    found = {digest: related(digest, change, mine, basis.find) for digest in others}
    kin = [digest for digest, (_, line) in found.items() if line]
    return kin, [digest for digest, (same, _) in found.items() if same]


def _about(claimed: Claimed) -> frozenset[str]:
    """The digest of the change that something is about, if it is about one."""
    said = claimed.said
    if isinstance(said, Statement):
        return frozenset() if said.is_about_standing else frozenset({said.change_sha256})
    if said.kind == AUTHOR_CHANGE and said.subject.startswith(CHANGE):
        return frozenset({said.subject.removeprefix(CHANGE)})
    return frozenset()


def _is_about_standing(claimed: Claimed) -> bool:
    return isinstance(claimed.said, Statement) and claimed.said.is_about_standing
