"""Let somebody enrol a key without an older one: a code that is shown once, used once, and recorded."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from approvals import enrolments
from approvals.models import Enrolment, Invitation
from approvals.permissions import grants
from approvals.services.prove_possession import advance
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import NotPermittedError, RefusedError
from core.permissions import Permission
from people.models import Person

VALID_FOR = timedelta(hours=1)


@transaction.atomic
def invite(person: Person, *, actor: Actor) -> str:
    """Vouch for a person who has no key yet, or none any more; returns the code to hand over in person.

    Args:
        person: who may enrol one key with it, within an hour.
        actor: a key-admin who is somebody else, or a command on this computer.

    Raises:
        NotPermittedError: The actor is neither, or it would be their own.
    """
    grants.require(Permission.REGISTRY_EDIT, actor)
    if actor.id == f"person:{person.pk}":
        detail = "Nobody vouches for themselves. Ask another key-admin, or whoever runs this computer."
        raise NotPermittedError(detail)
    code = "-".join(secrets.token_hex(2) for _ in range(4))
    now = clock.now()
    Invitation.objects.create(
        code_sha256=_digest(code), person_id=person.pk, made_by=actor.id, expires_at=now + VALID_FOR
    )
    ledger.append(
        actor=actor,
        verb="key.invited",
        subject=f"person:{person.pk}",
        facts={"handle": person.handle, "until": clock.rfc3339(now + VALID_FOR)},
    )
    return code


@transaction.atomic
def accept_invitation(person: Person, key_id: str, code: str, *, actor: Actor) -> Enrolment:
    """Use an invitation up for a key that is being enrolled.

    Raises:
        NotPermittedError: It is somebody else's enrolment.
        NotFoundError: No enrolment of this key is under way.
        RefusedError: The code was never made for this person, is used, or is over.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    enrolment = enrolments.find(person.pk, key_id)
    row = Invitation.objects.select_for_update().filter(pk=_digest(code), person_id=person.pk).first()
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        detail = "This code is not for you, was used, or is over. Ask a key-admin for a new one."
        raise RefusedError(detail)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    enrolment.invited = True
    advance(enrolment, actor=actor)
    return enrolment


@transaction.atomic
def declare_lost(person: Person, key_id: str, *, actor: Actor) -> Enrolment:
    """Go on without an older key: the draft says so, and the key-admins who co-sign ask the person, not a message.

    Raises:
        NotPermittedError: It is somebody else's enrolment.
        NotFoundError: No enrolment of this key is under way.
        RefusedError: No two key-admins co-sign here yet, so that nothing would stand in for the older key.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    enrolment = enrolments.find(person.pk, key_id)
    enrolment.is_lost = True
    if enrolments.OWN_KEY in enrolments.owes(enrolment):
        detail = "An older key of yours must sign, or a key-admin must invite you: nobody co-signs enrolments here yet."
        raise RefusedError(detail)
    advance(enrolment, actor=actor)
    return enrolment


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode("utf-8")).hexdigest()
