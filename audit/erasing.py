"""Which entries were erased by an order that holds, as the ledger itself says."""

from collections.abc import Iterable

from audit.models import Document, Entry, Leaf
from proof import erasure
from proof.documents import DocumentError, parse_entry
from proof.keys import KeyFormatError
from proof.registry import Registry, RegistryError, epochs, parse_chain
from proof.registry_document import read

PUBLISHED = "registry.published"


def ordered_erasures() -> dict[str, tuple[str, int | None]]:
    """Entry uid to the commitment that was ordered away and the number of the ordering entry; only orders that hold."""
    found: dict[str, tuple[str, int | None]] = {}
    for row in Entry.objects.filter(verb=erasure.VERB).order_by("pk").select_related("leaf"):
        try:
            entry = parse_entry(bytes(row.body))
            kept = _documents(digest for _, digest in entry.documents)
            order = erasure.erased_by(entry, kept, registry_at(row))
        except (DocumentError, RegistryError, KeyFormatError, erasure.ErasureError):
            continue  # it ordered nothing, so what is gone is missing
        leaf: Leaf | None = getattr(row, "leaf", None)
        for uid, commitment in order.commitments.items():
            found.setdefault(uid, (commitment, leaf.seq if leaf else None))
    return found


def registry_at(row: Entry | None = None) -> Registry:
    """The registry in force before an entry; now, unless one is given.

    Raises:
        RegistryError: There is none, or its chain does not hold.
    """
    published = Entry.objects.filter(verb=PUBLISHED).order_by("pk")
    if row is not None:
        published = published.filter(pk__lt=row.pk)
    named = [dict(parse_entry(bytes(body)).documents) for body in published.values_list("body", flat=True)]
    kept = _documents(digest for documents in named for digest in documents.values())
    chain = [(kept.get(one.get("registry", ""), b""), kept.get(one.get("signature", ""), b"")) for one in named]
    if not chain:
        msg = "There is no registry yet."
        raise RegistryError(msg)
    newest = epochs(chain)[-1]
    # A root that was founded anew is for the reader to pin; the question here is only who was key-admin at that place.
    return parse_chain(newest, root_public=read(newest[0][0]).root_public)[-1]


def _documents(digests: Iterable[str]) -> dict[str, bytes]:
    rows = Document.objects.filter(pk__in=set(digests)).values_list("pk", "content")
    return {digest: bytes(content) for digest, content in rows}
