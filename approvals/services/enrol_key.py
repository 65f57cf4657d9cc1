"""Enrol a person's public key: a new version of the signed registry, and a row for the pages."""

import unicodedata

from django.db import transaction

from approvals import registry_documents as documents
from approvals.models import PersonKey
from approvals.permissions import grants
from approvals.registry_documents import Document, NewKey
from approvals.services.publish_registry import publish_registry
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotPermittedError, RefusedError
from core.permissions import Permission
from people.models import Person

MOST_KEYS = 20


@transaction.atomic
def enrol_key(person: Person, key: NewKey, *, actor: Actor, how: str) -> PersonKey:
    """Enrol a key; from then on its signatures count as that person's.

    Args:
        person: whose key it is.
        key: as its enrolment ceremony or its file gave it.
        actor: the person, or a command on this computer.
        how: `passkey`, `ssh-proof` or `ssh-file-on-host`, for the ledger.

    Raises:
        NotPermittedError: It would be somebody else's key, or the person has left.
        BadInputError: A label is missing or too long, or the key is not one that the registry takes.
        RefusedError: The key, or its credential, is somebody's already, also if it was revoked.
    """
    grants.require(Permission.KEY_ENROL, actor, person)
    if not person.is_active:
        detail = f"{person.handle} is no longer active here."
        raise NotPermittedError(detail)
    label = unicodedata.normalize("NFC", key.label).strip()
    if not 0 < len(label) <= 80:
        detail = "Give the key a name of 1 to 80 characters, such as 'blue YubiKey'."
        raise BadInputError(detail)

    now = clock.now()
    version, _ = publish_registry(lambda document: _add(document, person, key), actor=actor, why="key.enrolled")
    row = PersonKey.objects.create(
        key_id=key.key_id,
        person_id=person.pk,
        key_class=key.key_class,
        label=label,
        public=key.public,
        credential_id=key.credential_id,
        origin=key.origins[0] if key.origins else "",
        backup_eligible=key.backup_eligible,
        sign_count=key.sign_count,
        enrolled_at=now,
    )
    ledger.append(
        actor=actor,
        verb="key.enrolled",
        subject=f"key:{key.key_id}",
        about=[f"person:{person.pk}"],
        facts={
            "label": label,
            "class": key.key_class,
            "how": how,
            "registry": version.version,
            "handle": person.handle,
        },
        documents={"registry": version.sha256},
    )
    return row


def _add(document: Document, person: Person, key: NewKey) -> None:
    known = documents.keys_in(document)
    twin = known.get(key.key_id) or next(
        (found for found in known.values() if key.credential_id and found[1]["credential_id"] == key.credential_id),
        None,
    )
    if twin is not None:
        owner = "you" if twin[0] == person.pk else "somebody else"
        detail = f"This key is already enrolled by {owner}, or was. A key belongs to one person, once; use another one."
        raise RefusedError(detail, key_id=key.key_id)
    entry = documents.entry_of(document, person)
    if len(entry["keys"]) >= MOST_KEYS:
        detail = f"{MOST_KEYS} keys are enough for one person."
        raise RefusedError(detail)
    entry["keys"].append(documents.key_entry(key, enrolled_at=clock.from_rfc3339(document["created_at"])))
