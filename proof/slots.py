"""Seat people on the places that a quorum has: one person, one place, whichever of their signatures fits.

Places, keys, teams and conditions are solved together, by going through all people and keeping every way in which the
places can be filled so far. Ways that differ only in who sits where are one way, so that the search ends soon.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proof.keys import VERIFIED_CLASSES
from proof.limits import Place

MAX_PEOPLE = 64
MAX_WAYS = 20_000


class TooManyError(ValueError):
    """There are more people, or more ways to seat them, than anybody can judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A signature with which a person can take a place.

    Attributes:
        groups: what the person stands for with it.
        claims: what no two people may use at once: the right to sign of whoever lent it.
    """

    key_class: str
    groups: frozenset[str]
    claims: frozenset[str] = frozenset()

    @property
    def verified(self) -> bool:
        """Whether the device checked who used it."""
        return self.key_class in VERIFIED_CLASSES

    @property
    def from_terminal(self) -> bool:
        """Whether a program of its own showed what was signed, not the console's page."""
        return self.key_class.startswith("ssh-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must hold of the people seated, beside their places."""

    verified: bool = False
    from_terminal: bool = False
    distinct_teams: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """The best way that there is.

    Attributes:
        empty: the places that stay empty.
        unmet: which conditions do not hold, of `verified`, `from_terminal`, `distinct_teams`.
    """

    empty: tuple[Place, ...]
    unmet: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every place is taken and every condition met."""
        return not self.empty and not self.unmet


@dataclass(frozen=True, slots=True)
class _Way:
    """How many places of each kind are taken, and what holds of those who took them."""

    taken: tuple[int, ...]
    verified: bool = False
    from_terminal: bool = False
    teams: int = 0
    team_counted: bool = False
    claimed: frozenset[str] = frozenset()


def seat(places: Sequence[Place], people: Iterable[tuple[str, Sequence[Offer]]], conditions: Conditions) -> Seating:
    """Fill the places as well as can be.

    Args:
        places: at most eight.
        people: team (empty for none) and offers of each person.
        conditions: what must hold besides.

    Raises:
        TooManyError: There are too many people or ways.
    """
    seated = sorted((item for item in people if item[1]), key=lambda item: item[0])
    if len(seated) > MAX_PEOPLE:
        msg = f"{len(seated)} people signed; {MAX_PEOPLE} are the most that can be judged."
        raise TooManyError(msg)
    kinds = list(dict.fromkeys(places))
    room = tuple(places.count(kind) for kind in kinds)
    start = _Way((0,) * len(kinds))
    ways, before = {start}, ""
    for team, offers in seated:
        if team != before:
            ways, before = {_next_team(way) for way in ways}, team
        options = {(kind, offer) for kind, place in enumerate(kinds) for offer in offers if _fits(offer, place)}
        ways |= {_taken(way, kind, offer, team, conditions) for way in ways for kind, offer in options
                 if way.taken[kind] < room[kind] and not way.claimed & offer.claims}  # fmt: skip
        if len(ways) > MAX_WAYS:
            msg = "There are too many ways in which these people could make the quorum."
            raise TooManyError(msg)
    best = min(ways, key=lambda way: _order(way, sum(room), conditions))
    empty = [kind for kind, have, taken in zip(kinds, room, best.taken, strict=True) for _ in range(have - taken)]
    return Seating(empty=tuple(empty), unmet=_unmet(best, conditions))


def _order(way: _Way, room: int, conditions: Conditions) -> tuple[int, int, list[int], tuple[str, ...]]:
    """The less is missing the better; among equals the places that are listed first are taken first."""
    taken, unmet = sum(way.taken), _unmet(way, conditions)
    return room - taken + bool(unmet), -taken, [-kind for kind in way.taken], unmet


def _fits(offer: Offer, place: Place) -> bool:
    return place.group in offer.groups and offer.key_class in place.classes


def _next_team(way: _Way) -> _Way:
    if not way.team_counted:
        return way
    return _Way(way.taken, way.verified, way.from_terminal, way.teams, team_counted=False, claimed=way.claimed)


def _taken(way: _Way, kind: int, offer: Offer, team: str, conditions: Conditions) -> _Way:
    counts = bool(team) and not way.team_counted
    return _Way(
        (*way.taken[:kind], way.taken[kind] + 1, *way.taken[kind + 1 :]),
        way.verified or (conditions.verified and offer.verified),
        way.from_terminal or (conditions.from_terminal and offer.from_terminal),
        min(way.teams + counts, conditions.distinct_teams),
        way.team_counted or bool(team and conditions.distinct_teams),
        way.claimed | offer.claims,
    )


def _unmet(way: _Way, conditions: Conditions) -> tuple[str, ...]:
    met = {
        "verified": way.verified or not conditions.verified,
        "from_terminal": way.from_terminal or not conditions.from_terminal,
        "distinct_teams": way.teams >= conditions.distinct_teams,
    }
    return tuple(name for name, holds in met.items() if not holds)
