"""List what would be erased about a person, for two key-admins to sign."""

from dataclasses import dataclass

from django.db import transaction

from audit import ledger
from audit.services.erase import list_of
from core.errors import NotFoundError
from people.models import Person
from proof import erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A kept list.

    Attributes:
        digest: what the acts name in their particular `commitments`.
        entries: how many entries would lose their facts.
    """

    person_id: str
    digest: str
    entries: int


@transaction.atomic
def list_for_erasure(handle: str) -> Listed:
    """Keep the list of all entries with facts about a person, as of now. It changes nothing.

    Raises:
        NotFoundError: Nobody has that handle.
        WrongStateError: The record holds nothing about them any more.
    """
    person = Person.objects.filter(handle=handle).first()
    if person is None:
        detail = f"Nobody has the handle {handle}."
        raise NotFoundError(detail)
    content = list_of(person.pk)
    entries = len(erasure.parse_list(content).commitments)
    return Listed(person_id=person.pk, digest=ledger.keep(erasure.MEDIA_TYPE, content), entries=entries)
