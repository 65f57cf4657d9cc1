"""Reads of people."""

from collections.abc import Iterable

from core.errors import NotFoundError
from people.models import Person


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
