"""What a browser needs to check the ledger by itself: bytes, hashes on the way up, signed heads; no judgement."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from approvals import registry
from audit import keystore, tiles
from audit import selectors as audit
from audit.models import Checkpoint, Entry, Erasure, Leaf
from core import clock
from core.errors import BadInputError, ConsoleError, NotFoundError
from proof import merkle
from proof.binary import b64

BATCH = 500
HEADS = 4
"""How many signed heads go with a batch; all of them where a break must be narrowed down."""


def head() -> dict[str, Any]:
    """The newest signed head with the log's keys.

    Raises:
        NotFoundError: No head was signed yet.
    """
    signed = audit.cosigned_head()
    if signed is None:
        detail = "No head of the tree was signed yet."
        raise NotFoundError(detail)
    keys = [str(key) for key in keystore.log_verifiers()]
    told = {"size": signed.size, "note": signed.note, "keys": keys, "witnesses": _witnesses()}
    return {**told, "own_key": settings.EMBEDDED}


def record(seq: int, size: int) -> dict[str, Any]:
    """One record as it is stored, and the way from it up to the head of `size`; no way where that is older than it.

    Raises:
        NotFoundError: The tree has no such record.
    """
    entry = Entry.objects.select_related("leaf").filter(leaf__seq=seq).first()
    if entry is None:
        detail = f"There is no record {seq}."
        raise NotFoundError(detail)
    path = tiles.inclusion_proof(seq, size) if seq < size and _whole(size) else []
    facts = {"facts": b64(bytes(entry.facts)), "salt": bytes(entry.facts_salt).hex(), "erased_by": _erased_by(entry)}
    return {**_stored(entry), **facts, "path": _hex(path)}


def batch(start: int, *, every_head: bool) -> dict[str, Any]:
    """Records from one number on, as they are stored, with signed heads that lie among them."""
    rows = Entry.objects.filter(leaf__seq__gte=start).select_related("leaf").order_by("leaf__seq")[:BATCH]
    records = [_stored(entry) for entry in rows]
    last = records[-1]["seq"] if records else start
    heads = list(Checkpoint.objects.filter(size__gt=start, size__lte=last + 1).order_by("size"))
    if not every_head:
        heads = heads[:: max(1, -(-len(heads) // HEADS))] + heads[-1:]
    notes = {row.size: row.note for row in heads}
    return {"records": records, "heads": [{"size": size, "note": note} for size, note in sorted(notes.items())]}


def consistency(old: int, new: int) -> dict[str, Any]:
    """The proof that the tree of one size begins with all of a smaller one.

    Raises:
        BadInputError: There are no such two trees.
    """
    signed = audit.latest_checkpoint()
    if not 0 < old <= new <= (signed.size if signed else 0) or not _whole(new):
        detail = f"There is no proof from {old} to {new} records."
        raise BadInputError(detail)
    return {"path": _hex(tiles.consistency_proof(old, new))}


def tree_at(size: int) -> dict[str, Any]:
    """The heads of the full subtrees over the first `size` records.

    Raises:
        BadInputError: There are not so many records.
    """
    tree = merkle.CompactRange()
    for leaf_hash in audit.leaf_hashes(0, size):
        tree.append(leaf_hash)
    if tree.size != size:
        detail = f"There are only {tree.size} records without a gap."
        raise BadInputError(detail)
    return {"size": size, "hashes": tree.to_hashes()}


def _stored(entry: Entry) -> dict[str, Any]:
    columns = {"uid": entry.uid, "at": clock.rfc3339(entry.at), "actor": entry.actor}
    shown = {**columns, "verb": entry.verb, "subject": entry.subject}
    leaf_hash = bytes(entry.leaf.leaf_hash).hex()
    return {"seq": entry.leaf.seq, "body": b64(bytes(entry.body)), "leaf_hash": leaf_hash, "shown": shown}


def _whole(size: int) -> bool:
    """Whether no record under the head is missing; proofs over a gap would be of another tree."""
    return Leaf.objects.filter(seq__lt=size).count() == size


def _hex(path: Iterable[bytes]) -> list[str]:
    return [item.hex() for item in path]


def _erased_by(entry: Entry) -> int | None:
    """The number of the record that is said to order the erasure of an entry's facts."""
    return Erasure.objects.filter(entry=entry).values_list("order__leaf__seq", flat=True).first()


def _witnesses() -> list[str]:
    """The witnesses' keys, as the signed registry lists them."""
    try:
        return list(registry.current().witness_keys)
    except ConsoleError:
        return []
