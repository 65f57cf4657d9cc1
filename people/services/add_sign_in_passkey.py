"""Keep a passkey that its person signs in with."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from people import sign_in_keys
from people.models import Person, SignInPasskey
from people.permissions import grants
from people.sign_in_keys import Place

MOST = 10


@transaction.atomic
def add_sign_in_passkey(
    person: Person, credential: Mapping[str, Any], challenge: bytes, *, place: Place, label: str, actor: Actor
) -> SignInPasskey:
    """Keep the passkey that a browser made for this challenge.

    Raises:
        NotPermittedError: It would be somebody else's.
        BadInputError: It has no name.
        RefusedError: It answers another challenge or place, is known already, or there are too many.
    """
    grants.require(Permission.SIGN_IN_KEY_ADD, actor, person)
    if not 0 < len(label.strip()) <= 80:
        detail = "Give the passkey a name of 1 to 80 characters, such as 'work laptop'."
        raise BadInputError(detail)
    credential_id, public_key, count = sign_in_keys.made(credential, challenge, place)
    if SignInPasskey.objects.filter(pk=credential_id).exists() or person.passkeys.count() >= MOST:
        detail = f"This passkey is known already, or you have {MOST}, which are enough."
        raise RefusedError(detail)

    row = SignInPasskey.objects.create(
        credential_id=credential_id,
        person=person,
        public_key=public_key,
        sign_count=count,
        label=label.strip(),
        rp_id=place.rp_id,
        created_at=clock.now(),
    )
    facts = {"label": row.label, "rp_id": place.rp_id}
    ledger.append(actor=actor, verb="sign-in-key.added", subject=f"person:{person.pk}", facts=facts)
    return row
