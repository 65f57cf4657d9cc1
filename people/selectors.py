"""Reads of people."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from audit.models import Entry
from core.errors import NotFoundError
from people.models import Person
from proof import canonical
from proof.documents import parse_entry
from proof.documents.entry import commitment


def names(ids: Iterable[str]) -> dict[str, Person]:
    """The people with those ids, for pages that hold ids and show names. Unknown ids are left out."""
    return Person.objects.in_bulk(sorted({person_id.removeprefix("person:") for person_id in ids}))


def active_person(handle: str) -> Person:
    """The person with that handle; where it is another name of somebody (see `link_people`), that somebody.

    Raises:
        NotFoundError: Nobody active has it.
    """
    person = Person.objects.filter(handle=handle).first()
    while person is not None and person.same_as is not None:
        person = person.same_as
    if person is None or not person.is_active:
        detail = f"Nobody here has the handle {handle!r}. Add them: ./manage.py person add NAME --role ROLE."
        raise NotFoundError(detail, handle=handle)
    return person


def locked_person(handle: str) -> Person:
    """The same, its row held until the transaction ends, so that what is recorded of a person has one order.

    Raises:
        NotFoundError: Nobody active has it.
    """
    return Person.objects.select_for_update().get(pk=active_person(handle).pk)


def recorded_roles(person: Person) -> frozenset[str]:
    """The roles held everywhere that the ledger's own records give and that the rows still grant."""
    return frozenset(role for role, scope in recorded_grants(person) if not scope)


def recorded_grants(person: Person) -> frozenset[tuple[str, str]]:
    """The grants, as (role, scope), that the ledger's own records of this person give and that the rows still hold.

    A role that somebody wrote into the rows is none: it would be signed into the key registry with the next version.
    """
    told: set[tuple[str, str]] = set()
    for verb, facts in _recorded(person, ("person.added", "role.granted", "role.withdrawn")):
        if verb == "person.added":
            told |= {(str(role), "") for role in facts.get("roles", [])}
        elif verb == "role.granted":
            told.add((str(facts["role"]), str(facts["scope"])))
        else:
            told.discard((str(facts["role"]), str(facts["scope"])))
    return person.grants & told


def recorded_team(person: Person) -> str:
    """The team that the ledger's record of adding this person names; empty if the row says another."""
    told = [str(facts.get("team", "")) for _, facts in _recorded(person, ("person.added",))]
    return person.team if told[:1] == [person.team] else ""


def recorded_same_as(person: Person) -> str:
    """The id of the person whom the ledger records this one to be as well; empty if it records nothing."""
    told = [str(facts.get("same_as", "")) for _, facts in _recorded(person, ("person.linked",))]
    return told[-1] if told else ""


def _recorded(person: Person, verbs: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those entries about the person whose body says what the row says and commits to the facts, oldest first."""
    subject = f"person:{person.pk}"
    added = False
    for entry in Entry.objects.filter(subject=subject, verb__in=verbs).order_by("pk"):
        body, facts = parse_entry(bytes(entry.body)), bytes(entry.facts)
        said = (body.verb, body.subject, body.facts_commitment)
        first = entry.verb == "person.added"
        if said != (entry.verb, subject, commitment(bytes(entry.facts_salt), facts)) or (first and added):
            continue
        added = added or first
        told = canonical.loads(facts)
        if isinstance(told, dict):
            yield entry.verb, told
