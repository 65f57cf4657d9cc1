"""Begin to enrol a key: hand out what the new key must sign, to one person, in one session, for five minutes."""

from typing import Any

from django.db import transaction

from approvals import challenges, passkeys, possession, registry
from approvals.models import PersonKey
from approvals.origins import NO_PASSKEYS
from approvals.permissions import grants
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from people.models import Person
from proof import sshsig
from proof.keys import WEBAUTHN, KeyFormatError


@transaction.atomic
def begin_passkey(person: Person, *, session: str, actor: Actor) -> dict[str, Any]:
    """What `navigator.credentials.create` needs to make a passkey for this console.

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


@transaction.atomic
def begin_ssh(person: Person, public: str, *, session: str, actor: Actor) -> bytes:
    """The statement to sign with `ssh-keygen -Y sign -n countersign-enrolment-v1` to show that one holds the key.

    Raises:
        NotPermittedError: The key would be somebody else's.
        BadInputError: It is not an SSH key that is taken.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    try:
        line = sshsig.parse_public_line(public)
    except KeyFormatError as error:
        raise BadInputError(str(error)) from error
    challenge = challenges.hand_out(challenges.SSH, person.pk, session, public=line.line)
    return possession.statement(person.pk, line.key_id, challenge)
