"""Recompute the whole ledger against the database, and say where it first differs."""

from collections.abc import Iterator

from django.db.models import Max

from audit import keystore, signer
from audit.errors import RollbackError
from audit.examination import examine, examine_waiting, neighbour
from audit.findings import Finding, Report
from audit.models import Checkpoint, Document, Entry, Leaf, LogState, Pending
from audit.selectors import facts_of
from proof import canonical, checkpoint
from proof.merkle import CompactRange
from proof.note import NoteError, VerifierKey

CHUNK = 1_000


def fsck() -> Report:
    """Examine every record, the tree over them, the signed heads and the kept documents; in constant memory.

    It may run beside a working console: what is written meanwhile is left for the next examination.
    """
    report = Report()
    signed = _signed_head(report)
    log = LogState.objects.filter(pk=1).first()
    tree = _walk(report, signed, log.size if log else 0)
    report.size, report.root = tree.size, tree.root().hex()
    _compare_with_state(report, tree, signed, log)
    _find_strays(report)
    _examine_waiting(report)
    _hash_documents(report)
    _tell_breaks(report)
    return report


def _signed_head(report: Report) -> signer.Head:
    try:
        return signer.last_head()
    except RollbackError as error:
        report.add(Finding(kind="signer-state", sentence=error.detail))
        return signer.head_of(CompactRange())


def _walk(report: Report, signed: signer.Head, size: int) -> CompactRange:
    """Go through the records in the order of the tree, comparing its head wherever one was signed."""
    tree, keys, roots_fit = CompactRange(), _log_keys(report), True
    for leaves in _chunks(size):
        first, last = leaves[0].seq, leaves[-1].seq
        heads = {row.size: row for row in Checkpoint.objects.filter(size__gt=first, size__lte=last + 1)}
        examine(leaves, report)
        for leaf in leaves:
            if roots_fit and leaf.seq != tree.size:
                roots_fit = False
                report.add(_gap(tree.size, leaf.seq))
            tree.append(bytes(leaf.leaf_hash))
            if not roots_fit:
                continue
            head = heads.get(tree.size)
            if head is not None:
                roots_fit = _compare_with_checkpoint(report, tree, head, keys)
            if roots_fit and tree.size == signed.size and tree.root().hex() != signed.root:
                roots_fit = False
                report.add(_other_root(report.checkpoint, tree, signed.root, "what the signer remembers"))
    return tree


def _chunks(size: int) -> Iterator[list[Leaf]]:
    start = 0
    while start < size:
        found = Leaf.objects.filter(seq__gte=start, seq__lt=size).order_by("seq").select_related("entry")
        leaves = list(found[:CHUNK])
        if not leaves:
            return
        yield leaves
        start = leaves[-1].seq + 1


def _log_keys(report: Report) -> tuple[VerifierKey, ...]:
    if keystore.exists("log"):
        return keystore.log_verifiers()
    if Checkpoint.objects.exists():
        report.add(Finding(kind="no-key", sentence="There is no log key here, so no signature can be checked."))
    return ()


def _compare_with_checkpoint(
    report: Report, tree: CompactRange, row: Checkpoint, keys: tuple[VerifierKey, ...]
) -> bool:
    try:
        signed = checkpoint.verify(row.note, keys) if keys else checkpoint.parse(row.note.partition("\n\n")[0] + "\n")
    except (NoteError, checkpoint.CheckpointError) as error:
        sentence = f"The checkpoint of size {row.size} is not what was signed: {error}"
        report.add(Finding(kind="checkpoint-signature", sentence=sentence, seq=row.size - 1))
        return True
    if (signed.size, signed.root.hex()) != (row.size, row.root):
        sentence = f"The checkpoint of size {row.size} says something else than its signed note."
        report.add(
            Finding(
                kind="checkpoint-row", sentence=sentence, expected=signed.root.hex(), found=row.root, seq=row.size - 1
            )
        )
    if signed.root != tree.root():
        report.add(_other_root(report.checkpoint, tree, signed.root.hex(), "the signed checkpoint"))
        return False
    report.checkpoint = row.size
    return True


def _other_root(fits_until: int, tree: CompactRange, expected: str, whose: str) -> Finding:
    where = f"record {fits_until}" if fits_until == tree.size - 1 else f"records {fits_until} to {tree.size - 1}"
    return Finding(
        kind="root",
        sentence=f"The tree of {tree.size} records is not that of {whose}; the difference lies in {where}.",
        seq=fits_until,
        expected=expected,
        found=tree.root().hex(),
        before=neighbour(fits_until - 1),
        after=neighbour(tree.size),
    )


def _gap(expected: int, found: int) -> Finding:
    missing = f"Record {expected} is" if found == expected + 1 else f"Records {expected} to {found - 1} are"
    return Finding(
        kind="gap",
        sentence=f"{missing} missing.",
        seq=expected,
        before=neighbour(expected - 1),
        after=neighbour(found),
    )


def _compare_with_state(report: Report, tree: CompactRange, signed: signer.Head, log: LogState | None) -> None:
    size = log.size if log else 0
    if tree.size < size:
        sentence = f"The database says that it holds {size} records; {tree.size} are there."
        report.add(Finding(kind="missing", sentence=sentence, seq=tree.size, before=neighbour(tree.size - 1)))
    elif log and log.compact_range != tree.to_hashes():
        report.add(Finding(kind="state", sentence="The sequencer's own memory of the tree is not the tree's."))
    newest = Checkpoint.objects.filter(size__gt=size).aggregate(size=Max("size"))["size"] or 0
    if size < signed.size or (newest > size and newest > _size_now()):
        most = max(signed.size, newest)
        sentence = f"{most} records were signed, but the database says that it holds {size}: it went back in time."
        report.add(Finding(kind="rollback", sentence=sentence, seq=size, before=neighbour(size - 1)))
    top = Leaf.objects.aggregate(top=Max("seq"))["top"]
    if top is not None and top >= _size_now():
        sentence = f"Record {top} stands beyond the end of the tree."
        report.add(Finding(kind="beyond", sentence=sentence, seq=top, before=neighbour(top - 1)))


def _size_now() -> int:
    return LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def _find_strays(report: Report) -> None:
    """Entries that the sequencer will never see, or saw and will see again."""
    for entry in Entry.objects.filter(leaf__isnull=True, pending__isnull=True).order_by("pk").iterator(CHUNK):
        sentence = f"The entry {entry.uid} ({entry.verb} of {entry.subject}) has no place and waits for none."
        report.add(Finding(kind="stray", sentence=sentence, found=entry.uid))
    for pending in Pending.objects.filter(entry__leaf__isnull=False).select_related("entry__leaf").iterator(CHUNK):
        seq = pending.entry.leaf.seq
        report.add(Finding(kind="twice", sentence=f"Record {seq} waits for a place though it has one.", seq=seq))


def _tell_breaks(report: Report) -> None:
    """What `ledger recover` wrote: the record is whole, but not all of what was once signed is in it."""
    for leaf in Leaf.objects.filter(entry__verb="ledger.recovered").order_by("seq").select_related("entry"):
        facts = facts_of(leaf.entry)
        report.breaks.append(
            f"LOST: records {facts['lost_from']} to {facts['lost_to'] - 1} are not what was signed under the root "
            f"{facts['root']}; record {leaf.seq} says so: {facts['reason']}"
        )


def _examine_waiting(report: Report) -> None:
    start = 0
    while waiting := list(
        Pending.objects.filter(pk__gt=start, entry__leaf__isnull=True).select_related("entry").order_by("pk")[:CHUNK]
    ):
        report.pending += len(waiting)
        examine_waiting([row.entry for row in waiting], report)
        start = waiting[-1].pk


def _hash_documents(report: Report) -> None:
    for document in Document.objects.order_by("pk").iterator(100):
        report.documents += 1
        found = canonical.sha256(bytes(document.content))
        if found != document.pk:
            sentence = f"The document {document.pk[:12]} ({document.media_type}) was changed."
            report.add(Finding(kind="document", sentence=sentence, expected=document.pk, found=found))
