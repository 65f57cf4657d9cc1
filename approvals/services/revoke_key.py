"""Revoke a person's key: signatures by it count no more, also those given to changes that have not run."""

import unicodedata

from django.db import transaction

from approvals import registry_documents as documents
from approvals.models import PersonKey
from approvals.permissions import grants
from approvals.registry_documents import Document
from approvals.services.publish_registry import publish_registry
from audit import ledger
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission
from people.models import Person


@transaction.atomic
def revoke_key(key_id: str, *, actor: Actor, why: str) -> PersonKey:
    """Revoke a key at once; it can never be enrolled again.

    Raises:
        NotFoundError: No such key.
        NotPermittedError: The actor is neither its person, nor a key-admin or an admin.
        WrongStateError: It is revoked already.
    """
    row = PersonKey.objects.select_for_update().filter(pk=key_id).first()
    if row is None:
        detail = f"No key {key_id[:12]} is enrolled here."
        raise NotFoundError(detail)
    grants.require(Permission.KEY_REVOKE, actor, Person.objects.filter(pk=row.person_id).first())
    if row.revoked_at is not None:
        detail = f"The key {row.label} is revoked already."
        raise WrongStateError(detail)

    version, _ = publish_registry(lambda document: _revoke(document, key_id), actor=actor, why="key.revoked")
    row.revoked_at = version.created_at
    row.save(update_fields=["revoked_at"])

    ledger.append(
        actor=actor,
        verb="key.revoked",
        subject=f"key:{key_id}",
        about=[f"person:{row.person_id}"],
        facts={"label": row.label, "why": unicodedata.normalize("NFC", why), "registry": version.version},
        documents={"registry": version.sha256},
    )
    return row


def _revoke(document: Document, key_id: str) -> None:
    known = documents.keys_in(document)
    if key_id not in known:
        detail = f"The signed registry has no key {key_id[:12]}."
        raise NotFoundError(detail)
    known[key_id][1]["revoked_at"] = document["created_at"]
