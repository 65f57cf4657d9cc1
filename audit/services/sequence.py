"""Give committed entries their places in the tree, and sign the tree's head."""

from django.db import connection, transaction

from audit import keystore, signer
from audit.errors import RollbackError
from audit.models import Checkpoint, Entry, Leaf, LogState, Pending
from audit.selectors import leaf_hashes
from core import clock, doorbell, live
from proof import merkle
from proof.merkle import CompactRange

BATCH = 5_000
ROW = 1


def sequence(*, batch: int = BATCH) -> int:
    """Place the entries that wait, at most `batch` of them, then sign the head. Safe to run twice, and by many at once.

    A row's place depends on no clock, cursor or transaction number: an entry that commits late is simply still pending.

    Returns:
        How many entries were placed.

    Raises:
        RollbackError: The database is behind what was signed, or differs from it; nothing was placed.
    """
    placed = _place(batch) if Pending.objects.exists() else 0
    with signer.held():
        _seal()
    return placed


def sequence_all() -> int:
    """Place all that waits now, batch by batch.

    Returns:
        How many entries were placed.
    """
    total = 0
    while placed := sequence():
        total += placed
    return total


@transaction.atomic
def _place(batch: int) -> int:
    log = _locked_log()
    tree = tree_of(log)
    signer.require_not_behind(signer.last_head(), log.size, tree.root().hex())

    # The ids are named one by one when they leave: a range would take away an entry that committed meanwhile.
    waiting = Pending.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    ids = list(waiting.order_by("entry_id").values_list("entry_id", flat=True)[:batch])
    leaves = []
    for pk, body in Entry.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "body"):
        leaf_hash = merkle.leaf_hash(bytes(body))
        leaves.append(Leaf(seq=tree.size, entry_id=pk, leaf_hash=leaf_hash))
        tree.append(leaf_hash)
    Leaf.objects.bulk_create(leaves, batch_size=1_000)
    Pending.objects.filter(pk__in=ids).delete()

    log.size = tree.size
    log.compact_range = tree.to_hashes()
    log.fencing += 1
    log.save(update_fields=["size", "compact_range", "fencing"])
    doorbell.ring("agents.follow", queue="diagnosis")
    return len(leaves)


def tree_of(log: LogState) -> CompactRange:
    """The tree as the database remembers it."""
    return CompactRange.from_hashes(log.size, log.compact_range)


def _seal() -> None:
    """Sign the committed size. The signer's file is read before the database, so the database is never older."""
    signed = signer.last_head()
    log = LogState.objects.filter(pk=ROW).first() or LogState(origin=keystore.origin(), compact_range=[])
    root = tree_of(log).root()
    signer.require_not_behind(signed, log.size, root.hex())
    if log.size and not Checkpoint.objects.filter(pk=log.size).exists():
        text = signer.sign(log.size, root.hex(), leaf_hashes)
        with transaction.atomic():
            Checkpoint.objects.create(size=log.size, root=root.hex(), note=text, created_at=clock.now())
            live.changed("audit")
    signer.go_on()


def _locked_log() -> LogState:
    origin = keystore.origin()
    LogState.objects.get_or_create(pk=ROW, defaults={"origin": origin})
    log = LogState.objects.select_for_update().get(pk=ROW)
    if log.origin != origin:
        detail = (
            f"The database belongs to {log.origin}, the keys to {origin}. Point DATA_DIR at that installation's keys."
        )
        raise RollbackError(detail, database=log.origin, keys=origin)
    return log
