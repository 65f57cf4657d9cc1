"""Gather what a stranger needs to check the ledger, or the part of it about one subject.

Records are gone through twice, a chunk at a time: first for what is in the other members, then for their bodies. All of
them stand under a signed head, so nothing changes in between.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from audit import keystore, selectors, tiles
from audit.levels import Levels
from audit.models import Checkpoint, Cosignature, Leaf
from audit.selectors import SignedHead
from audit.services.fetch import fetch
from core.errors import BadInputError, NotFoundError
from proof.bundle import ChangeRecord, Contents, Earlier
from proof.documents import Entry, parse_entry

log = logging.getLogger(__name__)

REGISTRY, POLICY, RUN = "registry.published", "policy.activated", "run.intended"
ALWAYS = (REGISTRY, POLICY, "act.recorded", "person.erased", "ledger.recovered")
"""Whatever the subject: who had which key when, what was revoked, lent or erased, and by which policy."""
JUDGED = (RUN, "decision.recorded", "act.recorded", "executor.result")
CHUNK = 1_000
MOST_FACTS = 100_000
"""Facts are a member of the archive each; a longer bundle goes without them, and its report says so."""
MOST_HEADS = 200
FEW = 100


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What the first pass found.

    Attributes:
        named: the entries that name documents, with their places.
        facts: by entry uid, facts and salt.
        seqs: of a selection.
    """

    named: list[tuple[int, Entry]] = field(default_factory=list)
    facts: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    seqs: list[int] = field(default_factory=list)


def gather(head: SignedHead, *, subject: str, with_facts: bool, through: Sequence[int] = ()) -> Contents:
    """Everything under a signed head, or what is about a subject, with the keys and policies of all time.

    Args:
        head: with the witnesses' lines.
        subject: such as `incident:42`; empty for everything.
        with_facts: whether particulars go along.
        through: sizes of heads that somebody has from elsewhere; a selection gets the proofs that lead on from them.

    Raises:
        BadInputError: There is no head of such a size.
        TamperedError: A document is not the one that was stored.
        DocumentError: The body of a record is not an entry any more.
    """
    wanted = _wanted(head.size, subject)
    with_facts = with_facts and (bool(subject) or head.size <= MOST_FACTS)
    found = _first_pass(wanted, subject, with_facts=with_facts)
    documents = _documents(found.named)
    return Contents(
        kind="selected" if subject else "complete",
        subject=subject,
        origin=keystore.origin(),
        first=0,
        last=head.size,
        checkpoint=head.note,
        entries=_bodies(wanted),
        registry=_versions(found.named, REGISTRY, "registry", documents),
        policies=_versions(found.named, POLICY, "policy", documents),
        documents=[documents[digest] for digest in sorted(documents)],
        changes=_changes(found.named, documents),
        earlier=_earlier(found.named, head, through, selected=bool(subject)),
        facts=found.facts,
        every_fact=with_facts,
        proofs=_proofs(found.seqs, head.size) if subject else {},
        assurance=selectors.assurance(),
    )


def _wanted(size: int, subject: str) -> QuerySet[Leaf]:
    """The records in the order of the tree."""
    wanted = Leaf.objects.filter(seq__lt=size)
    if subject:
        standing = Q(entry__verb="decision.recorded", entry__mentions__subject__startswith="standing:")
        about = Q(entry__mentions__subject=subject) | Q(entry__verb__in=ALWAYS) | standing
        wanted = wanted.filter(pk__in=wanted.filter(about).values("pk"))
    return wanted


def _first_pass(wanted: QuerySet[Leaf], subject: str, *, with_facts: bool) -> Gathered:
    found = Gathered()
    for leaf in _chunked(wanted.select_related("entry")):
        body = bytes(leaf.entry.body)
        names = b'"documents":[]' not in body
        entry = parse_entry(body) if names or subject else None
        if entry is not None and names:
            found.named.append((leaf.seq, entry))
        if subject:
            found.seqs.append(leaf.seq)
        mine = entry is None or not subject or subject in entry.about
        if with_facts and mine and leaf.entry.facts:
            found.facts[leaf.entry.uid] = (bytes(leaf.entry.facts), bytes(leaf.entry.facts_salt))
    return found


def _bodies(wanted: QuerySet[Leaf]) -> Iterator[tuple[int, bytes]]:
    for leaf in _chunked(wanted.select_related("entry").only("seq", "entry__body")):
        yield leaf.seq, bytes(leaf.entry.body)


def _chunked(wanted: QuerySet[Leaf]) -> Iterator[Leaf]:
    start = 0
    while rows := list(wanted.filter(seq__gte=start).order_by("seq")[:CHUNK]):
        yield from rows
        start = rows[-1].seq + 1


def _documents(named: Iterable[tuple[int, Entry]]) -> dict[str, bytes]:
    """The documents that the records name. One that is gone is left out, and the verifier says what it misses."""
    found: dict[str, bytes] = {}
    for digest in sorted({digest for _, entry in named for _, digest in entry.documents}):
        try:
            found[digest] = fetch(digest)
        except NotFoundError:
            log.warning("document to export is gone", extra={"sha256": digest})
    return found


def _versions(
    named: Iterable[tuple[int, Entry]], verb: str, name: str, documents: dict[str, bytes]
) -> list[tuple[bytes, bytes]]:
    """The signed documents of a series, oldest first."""
    rows = [dict(entry.documents) for _, entry in named if entry.verb == verb]
    pairs = [(row.get(name, ""), row.get("signature", "")) for row in rows]
    return [
        (documents[digest], documents[signature])
        for digest, signature in pairs
        if digest in documents and signature in documents
    ]


def _changes(named: Iterable[tuple[int, Entry]], documents: dict[str, bytes]) -> list[ChangeRecord]:
    """The changes that the records name, with the signed statements about each, in the order of the ledger."""
    sidecars: dict[str, list[str]] = {}
    ran = set()
    for _, entry in named:
        row = dict(entry.documents)
        change, sidecar = row.get("change", ""), row.get("sidecar", "")
        if change not in documents:
            continue
        statements = sidecars.setdefault(change, [])
        if sidecar in documents and sidecar not in statements:
            statements.append(sidecar)
        if entry.verb == RUN:
            ran.add(change)
    return [
        ChangeRecord(digest=change, sidecars=tuple(statements), ran=change in ran)
        for change, statements in sorted(sidecars.items())
    ]


def _earlier(
    named: Iterable[tuple[int, Entry]], head: SignedHead, through: Sequence[int], *, selected: bool
) -> list[Earlier]:
    """The witnessed heads right before and right after what is judged, which say when it was; and those asked for."""
    sizes = set()
    if Cosignature.objects.exists():
        for seq in [seq for seq, entry in named if entry.verb in JUDGED][-MOST_HEADS:]:
            sizes |= {
                _nearest("checkpoint_id", checkpoint_id__gt=seq),
                _nearest("-checkpoint_id", checkpoint_id__lte=seq),
            }
    notes = {size: _note(size) for size in sizes if size is not None and size < head.size}
    for size in through:
        if not 0 < size <= head.size:
            detail = f"There is no head of {size} records before this one of {head.size}."
            raise BadInputError(detail)
    return [
        Earlier(
            size=size,
            note=notes.get(size, ""),
            path=tuple(tiles.consistency_proof(size, head.size)) if selected else (),
        )
        for size in sorted({*notes, *(size for size in through if size < head.size)})
    ]


def _nearest(order: str, **limits: int) -> int | None:
    return Cosignature.objects.filter(**limits).order_by(order).values_list("checkpoint_id", flat=True).first()


def _note(size: int) -> str:
    row = Checkpoint.objects.get(pk=size)
    head = SignedHead(size=row.size, root=row.root, note=row.note, created_at=row.created_at)
    return selectors.with_cosignatures(head).note


def _proofs(seqs: Sequence[int], size: int) -> dict[int, Sequence[bytes]]:
    if len(seqs) <= FEW:
        return {seq: tiles.inclusion_proof(seq, size) for seq in seqs}
    levels = Levels(selectors.leaf_hashes(0, size))
    return {seq: levels.inclusion_proof(seq) for seq in seqs}
