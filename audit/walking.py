"""Go along the records of the tree, from the first or from where one stopped, and compare them with what was signed."""

from collections.abc import Sequence

from audit import keystore, signer
from audit.examination import examine, neighbour
from audit.findings import Finding, Report
from audit.models import Checkpoint, Leaf
from proof import checkpoint
from proof.merkle import CompactRange
from proof.note import NoteError, VerifierKey


class Walk:
    """A walk along the records; what differs goes into the report.

    Attributes:
        tree: the tree over the records behind us.
    """

    def __init__(self, report: Report, tree: CompactRange, signed: signer.Head) -> None:
        self.report, self.tree = report, tree
        self._signed, self._keys, self._roots_fit = signed, log_keys(report), True

    def take(self, leaves: Sequence[Leaf]) -> set[str]:
        """Examine the next records, in the order of the tree; returns the documents that they name."""
        first, last = leaves[0].seq, leaves[-1].seq
        heads = {row.size: row for row in Checkpoint.objects.filter(size__gt=first, size__lte=last + 1)}
        named = examine(leaves, self.report)
        for leaf in leaves:
            if self._roots_fit and leaf.seq != self.tree.size:
                self._roots_fit = False
                self.report.add(_gap(self.tree.size, leaf.seq))
            self.tree.append(bytes(leaf.leaf_hash))
            if self._roots_fit:
                self._compare(heads.get(self.tree.size))
        return named

    def _compare(self, head: Checkpoint | None) -> None:
        tree, signed = self.tree, self._signed
        if head is not None:
            self._roots_fit = _compare_with_checkpoint(self.report, tree, head, self._keys)
        if self._roots_fit and tree.size == signed.size and tree.root().hex() != signed.root:
            self._roots_fit = False
            whose = "what the signer remembers"
            self.report.add(_other_root(self.report.checkpoint, tree, signed.root, whose))


def log_keys(report: Report) -> tuple[VerifierKey, ...]:
    """The keys by which checkpoints are checked here; none, and a finding, if they are gone."""
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
