"""Overrides: one person takes a change on themselves, alone, now, and others review it afterwards (H16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from proof.ballot import Basis
from proof.case import Case
from proof.documents import REVIEW_OVERRIDE, Act, Statement
from proof.envelope import SignatureError
from proof.keys import VERIFIED_CLASSES
from proof.records import Record, prefix
from proof.registry import Registry
from proof.registry_document import APPROVER, OVERRIDE_ROLE
from proof.revocations import CheckedActs, revocations
from proof.signatures import Verified
from proof.signed import Claimed, NotCountedError, read_all, verified
from proof.times import later, rfc3339

REVIEWERS = 2
UPHELD, OBJECTED = "upheld", "objected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """How far the review of an override is.

    Attributes:
        signer: whose override it is; empty if its statement is not among the records.
        upheld, objected: people who said so, by a signed act.
        needed: two others, or as many as there are; 0 means that nobody can review it, and it stays open.
    """

    signer: str
    upheld: frozenset[str]
    objected: frozenset[str]
    needed: int

    @property
    def closed(self) -> bool:
        """Whether enough others looked at it."""
        return self.needed > 0 and len(self.upheld | self.objected) >= self.needed


def require_override(case: Case, claimed: Claimed, found: Verified, basis: Basis) -> None:
    """Refuse an override that does not count; its signature and what any approval must say have been checked.

    Raises:
        NotCountedError: It does not; the sentence says why.
    """
    statement, who, policy = claimed.said, claimed.person_id, case.ballot.policy
    person = basis.registry.person(who)
    if not isinstance(statement, Statement) or not policy.override.allowed:
        msg = "The policy allows no overrides."
        raise NotCountedError(msg)
    if person is None or OVERRIDE_ROLE not in person.roles:
        msg = f"{who} may not override: the registry does not give them the role."
        raise NotCountedError(msg)
    if found.key_class not in VERIFIED_CLASSES:
        msg = "An override takes a key that checked its user, by PIN or finger."
        raise NotCountedError(msg)
    if statement.incident != case.change.incident:
        msg = "The override is for another incident."
        raise NotCountedError(msg)
    if basis.now > later(statement.issued_at, policy.override.expires_s):
        msg = "The override was not used in time."
        raise NotCountedError(msg)
    if set(basis.open_overrides) - {claimed.sha256}:
        msg = "Another override has not been reviewed yet; there is one at a time."
        raise NotCountedError(msg)


def review_of(
    statement_sha256: str, records: Sequence[Record], registry: Registry, *, now: datetime, size: int | None = None
) -> Review:
    """How far the review of an override is, by the signed acts of others in the ledger.

    Args:
        statement_sha256: digest of the override's statement.
        records: sidecars with their places: the override's own, acts of review, acts that revoke keys.
        registry: verified.
        now: aware.
        size: of the log that counts; None for all that is given.
    """
    claims, _ = read_all(prefix(records, size))
    signer = next((item.person_id for item in claims if item.sha256 == statement_sha256 and _holds(item, registry)), "")
    acts = [item for item in claims if isinstance(item.said, Act)]
    reviews = [item for item in acts if _is_review(item, statement_sha256)]
    checked = CheckedActs(registry)
    revoked = revocations(acts, checked, now=rfc3339(now), size=size)
    found: dict[str, set[str]] = {UPHELD: set(), OBJECTED: set()}
    others = _others(registry, signer, rfc3339(now))
    for item in reviews:
        key, person = registry.key(item.said.key_id), registry.canonical_person(item.person_id)
        if key is None or person not in others or not checked.holds(item):
            continue
        verdict = item.said.value("verdict") if isinstance(item.said, Act) else ""
        if verdict in found and not revoked.before(key, item) and not revoked.is_void(key, item):
            found[verdict].add(person)
    return Review(
        signer=signer,
        upheld=frozenset(found[UPHELD]),
        objected=frozenset(found[OBJECTED]),
        needed=min(REVIEWERS, len(others)),
    )


def _others(registry: Registry, signer: str, now: str) -> frozenset[str]:
    """Approvers who are somebody else, and have a key."""
    return frozenset(
        registry.canonical_person(person.person_id)
        for person in registry.persons
        if APPROVER in person.roles
        and any(key.status == "active" for key in person.keys)
        and not (person.expires_at and now >= person.expires_at)
    ) - {registry.canonical_person(signer)}


def _is_review(claimed: Claimed, statement_sha256: str) -> bool:
    act = claimed.said
    return isinstance(act, Act) and act.kind == REVIEW_OVERRIDE and act.value("override") == statement_sha256


def _holds(claimed: Claimed, registry: Registry) -> bool:
    try:
        verified(claimed, registry)
    except (SignatureError, NotCountedError):
        return False
    return True
