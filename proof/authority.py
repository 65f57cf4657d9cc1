"""What the acts in the ledger make true: which keys are revoked, who lent their right to whom, who shaped what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proof.ballot import Ballot
from proof.delegation import NEVER_FOR, Delegation, delegations
from proof.documents import AUTHOR_CHANGE, DELEGATE, END_DELEGATION, Act, Statement
from proof.revocations import CheckedActs, Revocations, revocations
from proof.signed import Claimed

CHANGE = "change:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What holds at a place of the ledger.

    Attributes:
        delegations: those in force for what is voted on.
        lends: whether one may sign by them here.
        signed_by: who signed that they shaped it, under the ids that count.
        shaped: who proposed or shaped it themselves, under the ids that count.
        interested: who may say no to it and not yes, under the ids that count.
        uncheckable: whether an act is signed in a way that this computer cannot check.
    """

    revocations: Revocations
    delegations: tuple[Delegation, ...]
    lends: bool
    signed_by: frozenset[str]
    shaped: frozenset[str]
    interested: frozenset[str]
    uncheckable: bool

    def lent(self, sidecar_sha256: str) -> Delegation | None:
        """The delegation of an act, if one may sign by it."""
        found = (item for item in self.delegations if self.lends and item.sidecar_sha256 == sidecar_sha256)
        return next(found, None)


def authority(ballot: Ballot, claims: Sequence[Claimed], lineage: frozenset[str]) -> Authority:
    """What the acts come to.

    Args:
        ballot: what is voted on.
        claims: all statements and acts of the prefix, in its order.
        lineage: digests of the change and of its earlier versions.
    """
    registry = ballot.registry
    acts = [claimed for claimed in claims if isinstance(claimed.said, Act)]
    authoring = [item for item in acts if _kind(item) == AUTHOR_CHANGE and _subject(item, CHANGE) in lineage]
    speakers = [item for item in claims if isinstance(item.said, Statement)]
    known = {registry.canonical_person(who) for who in ballot.proposers}
    known |= {registry.canonical_person(item.person_id) for item in (*speakers, *authoring)}
    lending = [item for item in acts if _kind(item) == DELEGATE and _parties(item, registry.canonical_person) & known]
    subjects = {_subject(item) for item in lending}
    lending += [item for item in acts if _kind(item) == END_DELEGATION and _subject(item) in subjects]

    checked = CheckedActs(registry)
    revoked = revocations(acts, checked, now=ballot.now, size=ballot.size)
    authors = frozenset(
        registry.canonical_person(item.person_id)
        for item in authoring
        if (key := registry.key(item.said.key_id)) and checked.holds(item) and not revoked.before(key, item)
    )
    lent = delegations(ballot, [item for item in lending if checked.holds(item)], revoked)
    shaped = authors | {registry.canonical_person(person) for person in ballot.proposers}
    return Authority(
        revocations=revoked,
        delegations=lent,
        lends=ballot.tier != NEVER_FOR,
        signed_by=authors,
        shaped=shaped,
        interested=shaped | {item.taker for item in lent if item.giver in shaped},
        uncheckable=checked.uncheckable,
    )


def _kind(claimed: Claimed) -> str:
    return claimed.said.kind if isinstance(claimed.said, Act) else ""


def _subject(claimed: Claimed, prefix: str = "") -> str:
    return claimed.said.subject.removeprefix(prefix) if isinstance(claimed.said, Act) else ""


def _parties(claimed: Claimed, canonical: Callable[[str], str]) -> set[str]:
    taker = claimed.said.value("delegate") if isinstance(claimed.said, Act) else ""
    return {canonical(claimed.person_id), canonical(taker)}
