"""Enrol a public key on the word of whoever runs a command on this computer; the ledger says so."""

from django.db import transaction

from approvals import edits
from approvals import registry_documents as documents
from approvals.models import PersonKey
from approvals.registry_documents import NewKey
from approvals.services.offer_key import checked
from approvals.services.open_draft import open_draft
from core.actors import Actor
from core.errors import NotPermittedError
from core.permissions import is_the_host
from people.models import Person


@transaction.atomic
def enrol_key(person: Person, key: NewKey, *, actor: Actor, how: str) -> PersonKey | None:
    """Ask the registry to list a key without a proof that it is held; None while key-admins must co-sign that.

    Args:
        person: whose key it is.
        key: as its file gave it.
        actor: a command on this computer. People show that they hold a key, and that it is theirs.
        how: `ssh-file-on-host`, for the ledger.

    Raises:
        NotPermittedError: A person asks, or the key's person has left.
        BadInputError: A label is missing or too long, or the key is not one that the registry takes.
        RefusedError: The key, or its credential, is somebody's already, also if it was revoked.
    """
    if not is_the_host(actor, person):
        detail = "Only a command on this computer enrols a key on its word. Enrol yours on the keys page."
        raise NotPermittedError(detail)
    new = checked(person, key)
    asked = edits.key(person.pk, documents.key_entry(new), label=new.label, how=how, sign_count=new.sign_count)
    open_draft([documents.person_edit(person), asked], actor=actor, why="key.enrolled")
    return PersonKey.objects.filter(pk=new.key_id).first()
