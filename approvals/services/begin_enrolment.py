"""Begin to enrol a passkey: what the browser needs to make one, for one person, in one session, for five minutes."""

from typing import Any

from django.db import transaction

from approvals import challenges, passkeys, registry
from approvals.models import PersonKey
from approvals.origins import NO_PASSKEYS
from approvals.permissions import grants
from core.actors import Actor
from core.errors import RefusedError
from core.permissions import Permission
from people.models import Person
from proof.keys import WEBAUTHN


@transaction.atomic
def begin_passkey(person: Person, *, session: str, actor: Actor) -> dict[str, Any]:
    """What `navigator.credentials.create` needs to make a passkey for the site that the signed registry names.

    Args:
        person: who enrols.
        session: what the answer must come from: the browser session's key or the token's digest.
        actor: the same person.

    Raises:
        NotPermittedError: The passkey would be somebody else's.
        RefusedError: Passkeys do not work at this address.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    rp_id = registry.current().rp_id
    if not rp_id:
        raise RefusedError(NO_PASSKEYS)
    challenge = challenges.hand_out(challenges.PASSKEY, person.pk, session)
    own = PersonKey.objects.filter(person_id=person.pk, key_class=WEBAUTHN, revoked_at=None)
    return passkeys.registration_options(person, rp_id, challenge, own.values_list("credential_id", flat=True))
