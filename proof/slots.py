"""Seat people on the places that a quorum has: one person, one place, whichever of their keys fits."""

from collections.abc import Collection, Mapping, Sequence


def seated(slots: Sequence[Collection[str]], people: Mapping[str, Collection[str]]) -> int:
    """How many places can be filled at once (maximum bipartite matching, by augmenting paths).

    Args:
        slots: for each place, the classes of keys that it takes.
        people: for each person, the classes of the keys that they approved with.
    """
    holder: dict[int, str] = {}

    def seat(person: str, tried: set[int]) -> bool:
        for place, classes in enumerate(slots):
            if place in tried or not set(classes) & set(people[person]):
                continue
            tried.add(place)
            if place not in holder or seat(holder[place], tried):
                holder[place] = person
                return True
        return False

    return sum(seat(person, set()) for person in people)
