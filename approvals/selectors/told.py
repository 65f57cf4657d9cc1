"""Values that several reads of approvals give."""

from collections.abc import Iterable
from dataclasses import dataclass

from people.selectors import names as people_of

PROGRAMS = {"agent:planner": "the planning agent", "service:policy": "the policy", "service:system": "this computer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person as pages show them."""

    person_id: str
    name: str
    initials: str


def names_of(person_ids: Iterable[str]) -> dict[str, Name]:
    """People by id; those whose name is gone go by their id."""
    ids = {person_id for person_id in person_ids if person_id}
    known = people_of(ids)
    return {
        person_id: Name(
            person_id=person_id,
            name=known[person_id].name if person_id in known else person_id,
            initials=known[person_id].initials if person_id in known else "?",
        )
        for person_id in sorted(ids)
    }


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Actors as the ledger writes them, by name."""
    ids = set(actors)
    people = names_of(actor.removeprefix("person:") for actor in ids if actor.startswith("person:"))
    return {actor: _actor_name(actor, people) for actor in ids}


def _actor_name(actor: str, people: dict[str, Name]) -> str:
    person = people.get(actor.removeprefix("person:"))
    if person is not None:
        return person.name
    return PROGRAMS.get(actor, actor.partition(":")[2] or actor)


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a sentence lists them."""
    found = list(words)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"
