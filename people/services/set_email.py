"""Say where receipts of what somebody signed go: a second channel, so that a page that lies is found out."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from audit import ledger
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from people.models import Person
from people.permissions import grants
from people.selectors import locked_person


@transaction.atomic
def set_email(handle: str, address: str, *, actor: Actor) -> Person:
    """Note an address; the ledger says that it changed, never what it is.

    Raises:
        NotFoundError: Nobody active has that handle.
        NotPermittedError: The actor is neither an admin nor a command on this computer.
        BadInputError: It is no mail address.
    """
    grants.require(Permission.PERSON_ADD, actor)
    person = locked_person(handle)
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        detail = f"{address!r} is no mail address."
        raise BadInputError(detail) from error
    person.email = address
    person.save(update_fields=["email"])
    ledger.append(actor=actor, verb="person.reached", subject=f"person:{person.pk}", facts={"has_email": bool(address)})
    return person
