"""Offer a new key: what a browser made, or the public half of an SSH key. It counts for nothing yet."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from approvals import challenges, edits, enrolments, passkeys, possession, registry
from approvals.models import Enrolment
from approvals.permissions import grants
from approvals.registry_documents import NewKey
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotPermittedError, RefusedError
from core.permissions import Permission
from people.models import Person

VALID_FOR = timedelta(minutes=30)


@transaction.atomic
def offer_passkey(
    person: Person, credential: Mapping[str, Any], *, label: str, session: str, actor: Actor
) -> Enrolment:
    """Take the passkey that a browser made from `begin_passkey`'s options; next it signs that it is held.

    Raises:
        NotPermittedError: The passkey would be somebody else's.
        BadInputError: It is not what a browser answers, or the label is missing.
        RefusedError: Another challenge, session, site or kind of key, or no check of who used it; or it is listed.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    challenge = passkeys.challenge_in(credential)
    challenges.take_back(challenge, challenges.PASSKEY, person.pk, session)
    found = registry.current()
    key = passkeys.verified(credential, challenge, rp_id=found.rp_id, origins=found.origins, label=label)
    return _offer(person, key, how="passkey", session=session)


@transaction.atomic
def offer_ssh(person: Person, public: str, *, label: str, session: str, actor: Actor) -> Enrolment:
    """Take the public half of an SSH key; next it signs that it is held.

    Raises:
        NotPermittedError: The key would be somebody else's.
        BadInputError: It is not an SSH key that is taken, or the label is missing.
        RefusedError: It is listed already.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    return _offer(person, possession.from_file(public, label=label), how="ssh", session=session)


def checked(person: Person, key: NewKey) -> NewKey:
    """The key with its name in one form, if it may be listed at all.

    Raises:
        NotPermittedError: The person has left.
        BadInputError: The label is missing or too long.
        RefusedError: The key, or its credential, is somebody's already, also if it was revoked.
    """
    if not person.is_active:
        detail = f"{person.handle} is no longer active here."
        raise NotPermittedError(detail)
    label = unicodedata.normalize("NFC", key.label).strip()
    if not 0 < len(label) <= 80:
        detail = "Give the key a name of 1 to 80 characters, such as 'blue YubiKey'."
        raise BadInputError(detail)
    found = registry.current()
    edits.refuse_twin(
        person.pk,
        key.key_id,
        key.credential_id,
        {one.key_id: (one.person_id, one.credential_id) for owner in found.persons for one in owner.keys},
    )
    return replace(key, label=label)


def _offer(person: Person, key: NewKey, *, how: str, session: str) -> Enrolment:
    new = checked(person, key)
    if Enrolment.objects.filter(key_id=new.key_id, state="DRAFTED").exists():
        detail = "This key waits for its co-signatures already."
        raise RefusedError(detail)
    now = clock.now()
    enrolments.under_way(person.pk).filter(key_id=new.key_id).update(state="ENDED", note="Started again.")
    return Enrolment.objects.create(
        person_id=person.pk,
        key_id=new.key_id,
        key={**asdict(new), "origins": list(new.origins)},
        how=how,
        session=challenges.bound_to(session),
        began_at=now,
        expires_at=now + VALID_FOR,
    )
