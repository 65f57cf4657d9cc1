"""Forget a passkey that its person signed in with."""

from django.db import transaction

from audit import ledger
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import Permission
from people.models import Person
from people.permissions import grants


@transaction.atomic
def remove_sign_in_passkey(person: Person, credential_id: str, *, actor: Actor) -> None:
    """Remove one of the person's sign-in passkeys; sessions that it began go on.

    Raises:
        NotPermittedError: It is somebody else's.
        NotFoundError: The person has no such passkey.
    """
    grants.require(Permission.SIGN_IN_KEY_ADD, actor, person)
    row = person.passkeys.filter(pk=credential_id).first()
    if row is None:
        detail = "You have no such passkey, or it is gone already."
        raise NotFoundError(detail)
    row.delete()

    ledger.append(actor=actor, verb="sign-in-key.removed", subject=f"person:{person.pk}", facts={"label": row.label})
