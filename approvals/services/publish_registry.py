"""Publish the next version of the key registry, chained to the one before and signed by the root key.

The root key is this installation's own (keystore `root`): trust on first use, which the pages say. Thresholds of
several key-admins replace it when a second one is enrolled.
"""

from collections.abc import Callable

from django.db import transaction

from approvals import registry
from approvals import registry_documents as documents
from approvals.models import RegistryVersion
from audit import keystore, ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError
from proof import canonical
from proof.documents import REGISTRY_PAYLOAD
from proof.multisig import sign_with_ed25519
from proof.registry import Registry, RegistryError, parse_registry


@transaction.atomic
def publish_registry(
    edit: Callable[[documents.Document], None], *, actor: Actor, why: str
) -> tuple[RegistryVersion, Registry]:
    """Publish the current registry with an edit; two at once become two consecutive versions.

    Args:
        edit: changes the next document in place; it may raise to refuse.
        actor: whoever caused it.
        why: the verb behind it, for the ledger.

    Raises:
        NotFoundError: There is no registry yet.
        RefusedError: The stored chain does not hold.
        BadInputError: The edited document is not a registry.
    """
    if not RegistryVersion.objects.select_for_update().filter(version=1).exists():
        detail = "There is no key registry yet. Run ./manage.py prepare."
        raise NotFoundError(detail)
    registry.current()
    chain = registry.chain()
    last = chain[-1][0]
    document = documents.next_after(registry.read(last), canonical.sha256(last), created_at=clock.now())
    edit(document)
    return save(document, chain, actor=actor, why=why)


def save(
    document: documents.Document, chain: list[tuple[bytes, bytes]], *, actor: Actor, why: str
) -> tuple[RegistryVersion, Registry]:
    """Sign and store a document as the next of a chain; only a chain that holds with it is stored.

    Raises:
        BadInputError: The document is not a registry, or does not follow.
    """
    root = keystore.private("root")
    try:
        content = canonical.dumps(document, max_bytes=registry.MAX_BYTES)
        signature = sign_with_ed25519(root, REGISTRY_PAYLOAD, content)
        found = parse_registry([*chain, (content, signature)], root_public=keystore.public_pem("root"))
    except (RegistryError, canonical.CanonicalError) as error:
        detail = f"The registry cannot be published like that: {error}"
        raise BadInputError(detail) from error

    version = RegistryVersion.objects.create(
        version=document["version"],
        sha256=ledger.keep(REGISTRY_PAYLOAD, content),
        signature_sha256=ledger.keep("application/json", signature),
        created_at=clock.from_rfc3339(document["created_at"]),
    )
    ledger.append(
        actor=actor,
        verb="registry.published",
        subject=f"registry:{version.version}",
        facts={"why": why, "version": version.version},
        documents={"registry": version.sha256, "signature": version.signature_sha256},
    )
    live.changed("keys")
    return version, found
