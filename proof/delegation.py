"""Lending one's right to sign: in a scope, for at most fourteen days, to one who has a right of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from proof.ballot import Ballot
from proof.documents import DELEGATE, END_DELEGATION, Act
from proof.documents.policy import within
from proof.revocations import Revocations
from proof.signed import Claimed
from proof.times import is_time, later

LONGEST_S = 14 * 86_400
NEVER_FOR = "CRITICAL"
SUBJECT = "delegation:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One in force, which covers what is voted on.

    Attributes:
        giver, taker: person ids that count; the two are one person in any quorum that it covers.
        giver_id: the giver's id as signed, whose groups the taker stands for.
    """

    sidecar_sha256: str
    giver: str
    giver_id: str
    taker: str
    not_before: str
    not_after: str
    place: int


def delegations(ballot: Ballot, acts: Sequence[Claimed], revocations: Revocations) -> tuple[Delegation, ...]:
    """Those of the acts, whose signatures hold, that are in force for what is voted on.

    Nothing is lent on: whoever signs for another stands for that one's groups alone. Nobody can sign by them for what
    is CRITICAL (`Authority.lent`); there too the two are one person, and each has the other's interests (H25).
    """
    ended = _ended(ballot, acts, revocations)
    found = []
    for claimed in acts:
        delegation = _read(ballot, claimed, revocations)
        if delegation is None or not isinstance(claimed.said, Act):
            continue
        ends = ended.get(claimed.said.subject, ())
        if not any(who in {delegation.giver, delegation.taker} and place > claimed.place for who, place in ends):
            found.append(delegation)
    return tuple(found)


def _read(ballot: Ballot, claimed: Claimed, revocations: Revocations) -> Delegation | None:
    act, registry = claimed.said, ballot.registry
    if not isinstance(act, Act) or act.kind != DELEGATE or act.subject != SUBJECT + act.value("id"):
        return None
    key, taker_id = registry.key(act.key_id), act.value("delegate")
    if key is None or revocations.by_now(key) or revocations.is_void(key, claimed):
        return None
    if not _in_time(act, ballot.now) or not _covers(act, ballot) or not _both_may(ballot, act.person_id, taker_id):
        return None
    return Delegation(
        sidecar_sha256=claimed.sidecar_sha256,
        giver=registry.canonical_person(act.person_id),
        giver_id=act.person_id,
        taker=registry.canonical_person(taker_id),
        not_before=act.value("not_before"),
        not_after=act.value("not_after"),
        place=claimed.place,
    )


def _in_time(act: Act, now: str) -> bool:
    start, end = act.value("not_before"), act.value("not_after")
    if not (is_time(start) and is_time(end)):
        return False
    return start <= now <= end <= later(start, LONGEST_S)


def _covers(act: Act, ballot: Ballot) -> bool:
    """Whether every step of what is voted on lies within the scope."""
    actions, targets = _listed(act.value("actions")), _listed(act.value("targets"))
    return all(action in actions and within(targets, target) for action, target in ballot.actions)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _both_may(ballot: Ballot, giver_id: str, taker_id: str) -> bool:
    """Two different people, both still there, each with a right to sign of their own."""
    registry = ballot.registry
    if registry.canonical_person(giver_id) == registry.canonical_person(taker_id):
        return False
    for person_id in (giver_id, taker_id):
        person = registry.person(person_id)
        if person is None or (person.expires_at and ballot.now >= person.expires_at):
            return False
        if not ballot.may_decide(person_id):
            return False
    return True


def _ended(ballot: Ballot, acts: Sequence[Claimed], revocations: Revocations) -> dict[str, list[tuple[str, int]]]:
    """Subject to who ended it, and where."""
    found: dict[str, list[tuple[str, int]]] = {}
    for claimed in acts:
        act = claimed.said
        if not isinstance(act, Act) or act.kind != END_DELEGATION:
            continue
        key = ballot.registry.key(act.key_id)
        if key is not None and not revocations.before(key, claimed):
            who = ballot.registry.canonical_person(act.person_id)
            found.setdefault(act.subject, []).append((who, claimed.place))
    return found
