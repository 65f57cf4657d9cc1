"""Build the document that a draft asks the root to sign, and say how far it has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from approvals import edits, registry, revocations, roots
from approvals import registry_documents as documents
from approvals.models import Draft, DraftKind, DraftState, RegistryVersion
from audit import keystore, ledger
from core import clock
from core.errors import BadInputError, NotFoundError
from proof import canonical
from proof.documents import REGISTRY_PAYLOAD, DocumentError
from proof.multisig import sign_with_ed25519, unsigned
from proof.registry import Registry
from proof.registry_document import read

OPEN_FOR: Final = timedelta(days=14)
MEDIA_TYPE: Final = "application/json"


def lock() -> None:
    """Let one at a time change the registry or a draft of it.

    Raises:
        NotFoundError: There is no registry yet.
    """
    if not RegistryVersion.objects.select_for_update().filter(version=1).exists():
        detail = "There is no key registry yet. Run ./manage.py prepare."
        raise NotFoundError(detail)


def new(kind: DraftKind, *, asked_by: str, why: str, changes: Sequence[Mapping[str, Any]] = ()) -> Draft:
    """A draft that waits for its turn, not saved yet."""
    now = clock.now()
    return Draft(kind=kind, edits=list(changes), asked_by=asked_by, why=why, opened_at=now, expires_at=now + OPEN_FOR)


def build(draft: Draft) -> None:
    """Make the document that the draft stands for now, and open it for signatures.

    Raises:
        RefusedError: It can no longer be done, or the stored registry does not hold.
        NotFoundError: What it is about is no longer listed.
        BadInputError: What would come out is not a registry.
    """
    found = registry.current()
    document = next_document(found, draft.edits, created_at=clock.now())
    open_with(draft, dumps(document), document["version"], REGISTRY_PAYLOAD, found)


def next_document(found: Registry, changes: Sequence[Mapping[str, Any]], *, created_at: datetime) -> edits.Document:
    """The registry after this one: what was revoked meanwhile, what is asked for, and the root that follows from it."""
    before = ledger.fetch(found.sha256)
    document = documents.next_after(registry.read(before), found.sha256, created_at=created_at)
    revocations.carry(document)
    for edit in changes:
        edits.apply(document, edit)
    edits.root_in_step(document)
    return document


def dumps(document: edits.Document) -> bytes:
    """A registry document's bytes.

    Raises:
        BadInputError: It is not a registry.
    """
    try:
        data = canonical.dumps(document, max_bytes=registry.MAX_BYTES)
        read(data)
    except (DocumentError, canonical.CanonicalError) as error:
        detail = f"The registry cannot be published like that: {error}"
        raise BadInputError(detail) from error
    return data


def open_with(draft: Draft, data: bytes, version: int, payload_type: str, found: Registry) -> None:
    """Open a draft over these bytes; the installation's own key signs at once where it is still of the root."""
    name = registry.root_name(found.epoch)
    draft.signature_file = (
        sign_with_ed25519(keystore.private(name), payload_type, data)
        if roots.holds_root(found)
        else unsigned(payload_type, data)
    )
    draft.document_sha256 = ledger.keep(payload_type, data)
    draft.version = version
    draft.state = DraftState.OPEN


def content(draft: Draft) -> bytes:
    """The bytes that a draft asks to sign."""
    return ledger.fetch(draft.document_sha256)


def progress(draft: Draft) -> roots.Progress:
    """Who has signed a draft that is open, and who may."""
    found = registry.current()
    after = read(content(draft)) if draft.kind == DraftKind.REGISTRY else found
    return roots.progress(found, after, bytes(draft.signature_file))
