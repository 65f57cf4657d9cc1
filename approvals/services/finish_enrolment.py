"""Finish an enrolment: check what the new key signed, use the challenge up, enrol the key."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from approvals import challenges, passkeys, possession, registry
from approvals.models import PersonKey
from approvals.permissions import grants
from approvals.services.enrol_key import enrol_key
from core.actors import Actor
from core.permissions import Permission
from people.models import Person


@transaction.atomic
def finish_passkey(
    person: Person, credential: Mapping[str, Any], *, label: str, session: str, actor: Actor
) -> PersonKey:
    """Enrol the passkey that a browser made from `begin_passkey`'s options.

    Raises:
        NotPermittedError: The passkey would be somebody else's.
        BadInputError: It is not what a browser answers.
        RefusedError: Another challenge, session, site or kind of key, or no check of who used it.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    challenge = passkeys.challenge_in(credential)
    challenges.take_back(challenge, challenges.PASSKEY, person.pk, session)
    found = registry.current()
    key = passkeys.verified(credential, challenge, rp_id=found.rp_id, origins=found.origins, label=label)
    return enrol_key(person, key, actor=actor, how="passkey")


@transaction.atomic
def finish_ssh(
    person: Person, statement: bytes, signature: str, *, label: str, session: str, actor: Actor
) -> PersonKey:
    """Enrol the SSH key that signed the statement of `begin_ssh`.

    Raises:
        NotPermittedError: The key would be somebody else's.
        BadInputError: It is not such a statement.
        RefusedError: Another key, person, session or statement, or a wrong signature.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    challenge = possession.challenge_in(statement)
    row = challenges.take_back(challenge, challenges.SSH, person.pk, session)
    key = possession.from_file(row.public, label=label)
    wanted = possession.statement(person.pk, key.key_id, challenge)
    key = possession.shown(row.public, signature, wanted, label=label)
    return enrol_key(person, key, actor=actor, how="ssh-proof")
