"""Recompute the whole ledger against the database, and say where it first differs."""

from collections.abc import Iterator

from django.db.models import Max, QuerySet

from audit import guards, signer
from audit.errors import RollbackError
from audit.examination import examine_waiting, neighbour
from audit.findings import Finding, Report
from audit.models import Checkpoint, Document, Entry, Leaf, LogState, Pending
from audit.selectors import facts_of
from audit.walking import Walk
from proof import canonical
from proof.merkle import CompactRange

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
    compare_with_state(report, tree, signed, log)
    find_strays(report)
    examine_waiting_entries(report)
    for sentence in guards.missing():
        report.add(Finding(kind="guard", sentence=sentence))
    hash_documents(Document.objects.all(), report)
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
    walk = Walk(report, CompactRange(), signed)
    for leaves in _chunks(size):
        walk.take(leaves)
    return walk.tree


def _chunks(size: int) -> Iterator[list[Leaf]]:
    start = 0
    while start < size:
        found = Leaf.objects.filter(seq__gte=start, seq__lt=size).order_by("seq").select_related("entry")
        leaves = list(found[:CHUNK])
        if not leaves:
            return
        yield leaves
        start = leaves[-1].seq + 1


def compare_with_state(report: Report, tree: CompactRange, signed: signer.Head, log: LogState | None) -> None:
    """Compare the tree over the records with what the sequencer and the signer remember; `signed` was read first."""
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
    if size >= signed.size:
        _compare_heads(report, signed)
    top = Leaf.objects.aggregate(top=Max("seq"))["top"]
    if top is not None and top >= _size_now():
        sentence = f"Record {top} stands beyond the end of the tree."
        report.add(Finding(kind="beyond", sentence=sentence, seq=top, before=neighbour(top - 1)))


def _compare_heads(report: Report, signed: signer.Head) -> None:
    """Whether all heads that were signed are still in the record; the last may not have been written down yet."""
    chain, last = "", 0
    for size, root in Checkpoint.objects.filter(size__lte=signed.size).order_by("size").values_list("size", "root"):
        chain, last = signer.linked(chain, size, root), size
    if last < signed.size:
        chain = signer.linked(chain, signed.size, signed.root)
    if chain != signed.chain:
        sentence = "The signed heads in the record are not all those that were signed: one is missing, changed or more."
        report.add(Finding(kind="heads", sentence=sentence, expected=signed.chain, found=chain))


def _size_now() -> int:
    return LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def find_strays(report: Report) -> None:
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


def examine_waiting_entries(report: Report) -> None:
    """The entries that have no place yet."""
    start = 0
    while waiting := list(
        Pending.objects.filter(pk__gt=start, entry__leaf__isnull=True).select_related("entry").order_by("pk")[:CHUNK]
    ):
        report.pending += len(waiting)
        examine_waiting([row.entry for row in waiting], report)
        start = waiting[-1].pk


def hash_documents(documents: QuerySet[Document], report: Report) -> None:
    """Compare each of these documents with the digest under which it is kept."""
    for document in documents.order_by("pk").iterator(100):
        report.documents += 1
        found = canonical.sha256(bytes(document.content))
        if found != document.pk:
            sentence = f"The document {document.pk[:12]} ({document.media_type}) was changed."
            report.add(Finding(kind="document", sentence=sentence, expected=document.pk, found=found))
