"""Reads of people."""

from collections.abc import Iterable

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
    """The person with that handle.

    Raises:
        NotFoundError: Nobody active has it.
    """
    person = Person.objects.filter(handle=handle, is_active=True).first()
    if person is None:
        detail = f"Nobody here has the handle {handle!r}. Add them: ./manage.py person add NAME --role ROLE."
        raise NotFoundError(detail, handle=handle)
    return person


def recorded_roles(person: Person) -> frozenset[str]:
    """The roles that the ledger's own record of adding this person names and that the rows still grant.

    A role that somebody wrote into the rows is none: it would be signed into the key registry with the next key.
    """
    entry = Entry.objects.filter(subject=f"person:{person.pk}", verb="person.added").order_by("pk").first()
    if entry is None:
        return frozenset()
    body, facts = parse_entry(bytes(entry.body)), bytes(entry.facts)
    said = (body.verb, body.subject, body.facts_commitment)
    if said != ("person.added", f"person:{person.pk}", commitment(bytes(entry.facts_salt), facts)):
        return frozenset()
    told = canonical.loads(facts)
    recorded = told.get("roles", []) if isinstance(told, dict) else []
    return person.roles & {str(role) for role in recorded}
