"""Count the approvals that stand against the places of the quorums, and say what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proof.authority import Authority
from proof.ballot import Ballot
from proof.limits import OWNERS, Quorum
from proof.registry_document import APPROVER
from proof.slots import Conditions, Offer, Seating, seat
from proof.votes import Approval

CRITICAL = "CRITICAL"
UNMET = {
    "verified": "a key that checked its user, by PIN or finger",
    "from_terminal": "a signature made in a terminal",
    "distinct_teams": "people of more teams",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How far the approvals reach.

    Attributes:
        missing: how many places are empty in the quorum that is furthest from holding; 1 where only a condition is.
        slots: what is missing, a phrase each.
        unmet: whether places are taken, but not by such keys or teams as it takes.
    """

    missing: int
    slots: tuple[str, ...]
    unmet: bool


def count(ballot: Ballot, approvals: Mapping[str, Sequence[Approval]], holds: Authority) -> Count:
    """Hold the approvals against every quorum; all of them must hold, each by the best of its alternatives.

    Raises:
        TooManyError: There are more people or ways than can be judged.
    """
    people = _people(ballot, approvals, holds)
    found = [_best(ballot, quorum, people) for quorum in ballot.requirement.quorums]
    missing = max(len(item.empty) + (not item.empty and bool(item.unmet)) for item in found)
    slots = [phrase for item in found for phrase in _phrases(item)]
    return Count(
        missing=missing,
        slots=tuple(dict.fromkeys(slots)),
        unmet=any(item.unmet and not item.empty for item in found),
    )


def _best(ballot: Ballot, quorum: Quorum, people: Sequence[tuple[str, Sequence[Offer]]]) -> Seating:
    conditions = Conditions(
        verified=ballot.tier == CRITICAL,
        from_terminal=ballot.tier in ballot.policy.require_cli,
        distinct_teams=quorum.distinct_teams,
    )
    ways = [seat(places, people, conditions) for places in quorum.alternatives]
    return min(ways, key=lambda way: len(way.empty) + bool(way.unmet))


def _people(
    ballot: Ballot, approvals: Mapping[str, Sequence[Approval]], holds: Authority
) -> list[tuple[str, list[Offer]]]:
    """Everybody who approved, with their team and what they can take a place with."""
    pairs = [(item.giver, item.taker) for item in holds.delegations if {item.giver, item.taker} <= set(approvals)]
    lenders = Counter(
        giver for given in approvals.values() for giver in {item.lent.giver for item in given if item.lent}
    )
    found = []
    for person, given in approvals.items():
        shared = {f"pair {giver} {taker}" for giver, taker in pairs if person in {giver, taker}}
        offers = dict.fromkeys(_offer(ballot, approval, shared, lenders) for approval in given)
        listed = ballot.registry.person(person)
        found.append((listed.team if listed else "", list(offers)))
    return found


def _offer(ballot: Ballot, approval: Approval, shared: set[str], lenders: Mapping[str, int]) -> Offer:
    holder, claims = approval.signer_id, set(shared)
    if approval.lent is not None:
        holder = approval.lent.giver_id
        if lenders[approval.lent.giver] > 1:
            claims.add(f"for {approval.lent.giver}")
    groups = frozenset(group for group in ballot.requirement.groups if ballot.registry.in_group(holder, group))
    return Offer(key_class=approval.key_class, groups=groups, claims=frozenset(claims))


def _phrases(seating: Seating) -> list[str]:
    wanted = Counter(place.group for place in seating.empty)
    unmet = [UNMET[name] for name in seating.unmet]
    return [*(_phrase(group, number) for group, number in wanted.items()), *unmet]


def _phrase(group: str, number: int) -> str:
    if group == APPROVER:
        return f"{number} approver" if number == 1 else f"{number} approvers"
    if group.startswith(f"{OWNERS}/"):
        return f"the owner of {group.rpartition('/')[2]}" if number == 1 else f"{number} owners of {group}"
    return f"{number} of {group}"
