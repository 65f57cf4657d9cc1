"""Show that another account is also mine: whoever is signed in just signed in to it, in the same browser."""

from django.db import transaction

from core import clock
from core.actors import Actor
from core.errors import WrongStateError
from core.permissions import Permission
from people.identities import Identity
from people.models import Account, AccountProof, Person
from people.permissions import grants
from people.services.sign_in_by_account import attach


@transaction.atomic
def prove_account(person: Person, identity: Identity, *, actor: Actor) -> Person | None:
    """Attach an account that is nobody's yet; for another person's, keep the proof for an admin to link them.

    Returns:
        The other person, if there is one.

    Raises:
        NotPermittedError: The actor is not the person.
        WrongStateError: The account is this person's already.
    """
    grants.require(Permission.SIGN_IN_KEY_ADD, actor, person)
    account = Account.objects.filter(issuer=identity.issuer, subject=identity.subject).first()
    if account is None:
        attach(person, identity)
        return None
    if account.person_id == person.pk:
        detail = "That account is linked to you already. Sign out at your company first to show another one."
        raise WrongStateError(detail)
    AccountProof.objects.update_or_create(person=person, other=account.person, defaults={"proved_at": clock.now()})
    return account.person
