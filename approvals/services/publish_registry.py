"""Publish the first version of the key registry, or the first of a new epoch: the installation's own key signs alone.

Every other version comes from a draft (`open_draft`, `sign_draft`, `publish_draft`).
"""

from django.db import transaction

from approvals import edits, registry
from approvals.models import RegistryVersion
from audit import keystore, ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError
from proof import canonical
from proof.documents import REGISTRY_PAYLOAD
from proof.multisig import sign_with_ed25519
from proof.registry import RegistryError, parse_chain


@transaction.atomic
def publish_first(document: edits.Document, *, actor: Actor, why: str) -> RegistryVersion:
    """Sign and store the document that an epoch begins with; only one that holds is stored.

    Args:
        document: whose root is the installation's key of that epoch alone.
        actor: a command on this computer.
        why: `first-use` or `refounded`, for the ledger.

    Raises:
        BadInputError: It is not a registry.
    """
    name = registry.root_name(document["epoch"])
    try:
        content = canonical.dumps(document, max_bytes=registry.MAX_BYTES)
        signatures = sign_with_ed25519(keystore.private(name), REGISTRY_PAYLOAD, content)
        parse_chain([(content, signatures)], root_public=keystore.public_pem(name))
    except (RegistryError, canonical.CanonicalError) as error:
        detail = f"The registry cannot be published like that: {error}"
        raise BadInputError(detail) from error

    version = RegistryVersion.objects.create(
        version=document["version"],
        sha256=ledger.keep(REGISTRY_PAYLOAD, content),
        signature_sha256=ledger.keep("application/json", signatures),
        created_at=clock.from_rfc3339(document["created_at"]),
    )
    ledger.append(
        actor=actor,
        verb="registry.published",
        subject=f"registry:{version.version}",
        facts={"why": why, "version": version.version, "epoch": document["epoch"]},
        documents={"registry": version.sha256, "signature": version.signature_sha256},
    )
    live.changed("keys")
    return version
