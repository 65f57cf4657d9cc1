"""Take an API token back."""

from django.db import transaction

from audit import ledger
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import Permission
from people.models import ApiToken, Person
from people.permissions import grants


@transaction.atomic
def revoke_token(person: Person, public_id: str, *, actor: Actor) -> None:
    """Revoke one of the person's tokens; it works no longer from now on.

    Raises:
        NotPermittedError: It is somebody else's.
        NotFoundError: The person has no such token.
    """
    grants.require(Permission.TOKEN_ADD, actor, person)
    found = [token for token in ApiToken.objects.filter(person=person) if token.public_id == public_id]
    if not found:
        detail = "You have no such token, or it is gone already."
        raise NotFoundError(detail)
    found[0].delete()

    facts = {"label": found[0].label, "scopes": found[0].scopes}
    ledger.append(actor=actor, verb="token.revoked", subject=f"person:{person.pk}", facts=facts)
