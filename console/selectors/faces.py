"""Who somebody is, for a page: a person by name, an agent by its name in mono."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from people.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Somebody in a table cell or a line.

    Attributes:
        kind: person, agent, or none.
        mark: two letters for the square.
    """

    kind: str
    name: str
    mark: str = ""

    @property
    def is_person(self) -> bool:
        """Whether a human being."""
        return self.kind == "person"


NOBODY = Face(kind="none", name="Nobody yet")


def people(ids: Iterable[str]) -> dict[str, Face]:
    """The persons with these ids, in one query."""
    wanted = {person_id for person_id in ids if person_id}
    found = Person.objects.filter(pk__in=wanted) if wanted else []
    return {person.pk: Face(kind="person", name=person.name, mark=person.initials) for person in found}


def known(person_id: str, faces: Mapping[str, Face]) -> Face:
    """A person by id; the ledger keeps the id of somebody who is no longer here."""
    return faces.get(person_id) or Face(kind="person", name=f"person {person_id}", mark="?")


def agent(name: str) -> Face:
    """An agent, or a service of ours."""
    return Face(kind="agent", name=name, mark="A")


def actor(text: str, faces: Mapping[str, Face]) -> Face:
    """Whoever the ledger names: `person:<id>`, `agent:<name>`, `service:<name>`."""
    kind, _, name = text.partition(":")
    return known(name, faces) if kind == "person" else agent(name or text)


def person_ids(actors: Iterable[str]) -> set[str]:
    """The person ids among actors as the ledger writes them."""
    return {text.removeprefix("person:") for text in actors if text.startswith("person:")}
