"""Gather what a stranger needs to check the ledger, or the part of it about one subject."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from audit import keystore, selectors
from audit.levels import Levels
from audit.models import Leaf
from audit.selectors import SignedHead
from audit.services.fetch import fetch
from core.errors import NotFoundError
from proof.bundle import ChangeRecord, Contents
from proof.documents import Entry, parse_entry

log = logging.getLogger(__name__)

REGISTRY, POLICY, RUN = "registry.published", "policy.activated", "run.intended"
CHUNK = 1_000
MOST_FACTS = 100_000
"""Facts are a member of the archive each; a longer bundle goes without them, and its report says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A record with its place, read."""

    seq: int
    body: bytes
    entry: Entry
    facts: bytes
    salt: bytes


def gather(head: SignedHead, *, subject: str, with_facts: bool) -> Contents:
    """Everything under a signed head, or what is about a subject, with the keys and policies of all time.

    Raises:
        TamperedError: A document is not the one that was stored.
        DocumentError: The body of a record is not an entry any more.
    """
    placed = list(_placed(head.size, subject))
    documents = _documents(placed)
    return Contents(
        kind="selected" if subject else "complete",
        subject=subject,
        origin=keystore.origin(),
        first=0,
        last=head.size,
        checkpoint=head.note,
        entries=[(row.seq, row.body) for row in placed],
        registry=_versions(placed, REGISTRY, "registry", documents),
        policies=_versions(placed, POLICY, "policy", documents),
        documents=[documents[digest] for digest in sorted(documents)],
        changes=_changes(placed, documents),
        facts={row.entry.uid: (row.facts, row.salt) for row in placed if with_facts and len(placed) <= MOST_FACTS},
        proofs=_proofs(placed, head.size) if subject else {},
        assurance=selectors.assurance(),
    )


def _placed(size: int, subject: str) -> Iterator[Placed]:
    """The records in the order of the tree; whatever the subject, those that say which keys and policies held."""
    wanted = Leaf.objects.filter(seq__lt=size)
    if subject:
        about = Q(entry__mentions__subject=subject) | Q(entry__verb__in=(REGISTRY, POLICY))
        wanted = wanted.filter(pk__in=wanted.filter(about).values("pk"))
    start = 0
    while rows := list(wanted.filter(seq__gte=start).select_related("entry").order_by("seq")[:CHUNK]):
        for leaf in rows:
            body = bytes(leaf.entry.body)
            yield Placed(
                seq=leaf.seq,
                body=body,
                entry=parse_entry(body),
                facts=bytes(leaf.entry.facts),
                salt=bytes(leaf.entry.facts_salt),
            )
        start = rows[-1].seq + 1


def _documents(placed: Sequence[Placed]) -> dict[str, bytes]:
    """The documents that the records name. One that is gone is left out, and the verifier says what it misses."""
    found: dict[str, bytes] = {}
    for digest in sorted({digest for row in placed for _, digest in row.entry.documents}):
        try:
            found[digest] = fetch(digest)
        except NotFoundError:
            log.warning("document to export is gone", extra={"sha256": digest})
    return found


def _versions(placed: Sequence[Placed], verb: str, name: str, documents: dict[str, bytes]) -> list[tuple[bytes, bytes]]:
    """The signed documents of a series, oldest first."""
    named = [dict(row.entry.documents) for row in placed if row.entry.verb == verb]
    pairs = [(row.get(name, ""), row.get("signature", "")) for row in named]
    return [
        (documents[digest], documents[signature])
        for digest, signature in pairs
        if digest in documents and signature in documents
    ]


def _changes(placed: Sequence[Placed], documents: dict[str, bytes]) -> list[ChangeRecord]:
    """The changes that the records name, with the signed statements about each, in the order of the ledger."""
    sidecars: dict[str, list[str]] = {}
    ran = set()
    for row in placed:
        named = dict(row.entry.documents)
        change, sidecar = named.get("change", ""), named.get("sidecar", "")
        if change not in documents:
            continue
        statements = sidecars.setdefault(change, [])
        if sidecar in documents and sidecar not in statements:
            statements.append(sidecar)
        if row.entry.verb == RUN:
            ran.add(change)
    return [
        ChangeRecord(digest=change, sidecars=tuple(statements), ran=change in ran)
        for change, statements in sorted(sidecars.items())
    ]


def _proofs(placed: Sequence[Placed], size: int) -> dict[int, Sequence[bytes]]:
    levels = Levels(selectors.leaf_hashes(0, size))
    return {row.seq: levels.inclusion_proof(row.seq) for row in placed}
