"""Give committed entries their places in the tree, and sign the tree's head.

Who places holds the log's row; leaves, size and the fencing number commit together. A sequencer that is stopped in
the middle keeps the row until PostgreSQL ends its transaction, `TAKEOVER_S` later; then another goes on, and the
stopped one finds its connection closed when it wakes up. On the signer's side see `audit.signer`.
"""

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from audit import keystore, signer
from audit.errors import FencedError, RollbackError
from audit.models import Checkpoint, Leaf, LogState, Pending
from audit.selectors import leaf_hashes
from core import clock, doorbell, live
from proof import merkle
from proof.merkle import CompactRange

BATCH = 5_000
ROW = 1
TAKEOVER_S = 10
TRIES = 10


def sequence(*, batch: int = BATCH) -> int:
    """Place the entries that wait, at most `batch` of them, then sign the head. Safe to run twice, and by many at once.

    A row's place depends on no clock, cursor or transaction number: an entry that commits late is simply still pending.

    Returns:
        How many entries were placed.

    Raises:
        RollbackError: The database is behind what was signed, or differs from it; nothing was placed.
    """
    placed = _place(batch) if Pending.objects.exists() else 0
    for _ in range(TRIES):
        try:
            _seal()
            break
        except FencedError:  # another signer was faster; what it did not cover is ours to sign
            continue
    return placed


def sequence_all() -> int:
    """Place all that waits now, batch by batch.

    Returns:
        How many entries were placed.
    """
    total = 0
    while True:
        placed = sequence()
        total += placed
        if placed < BATCH:
            return total


@transaction.atomic
def _place(batch: int) -> int:
    log = locked_log()
    tree = tree_of(log)
    signer.require_not_behind(signer.last_head(), log.size, tree.root().hex())

    rows = []
    for pk, body in _waiting(batch):
        leaf_hash = merkle.leaf_hash(bytes(body))
        rows.append((tree.size, pk, leaf_hash))
        tree.append(leaf_hash)
    _write(rows)

    log.size = tree.size
    log.compact_range = tree.to_hashes()
    log.fencing += 1
    log.save(update_fields=["size", "compact_range", "fencing"])
    doorbell.ring("agents.follow", queue="diagnosis")
    return len(rows)


def _waiting(batch: int) -> list[tuple[int, bytes | memoryview]]:
    """The entries that wait, the urgent ones first; rows that another transaction holds are left to the next round."""
    skips = connection.features.has_select_for_update_skip_locked
    waiting = Pending.objects.select_for_update(skip_locked=skips, of=("self",) if skips else ())
    return list(waiting.order_by("priority", "entry_id").values_list("entry_id", "entry__body")[:batch])


def _write(rows: list[tuple[int, int, bytes]]) -> None:
    """Insert the leaves and take their entries off the list.

    The ids are named one by one when they leave: a range would take away an entry that committed meanwhile.
    """
    ids = [pk for _, pk, _ in rows]
    if connection.vendor != "postgresql":
        Leaf.objects.bulk_create(
            [Leaf(seq=seq, entry_id=pk, leaf_hash=item) for seq, pk, item in rows], batch_size=1_000
        )
        Pending.objects.filter(pk__in=ids).delete()
        return
    with connection.cursor() as cursor:
        with cursor.copy("COPY audit_leaf (seq, entry_id, leaf_hash) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int8", "bytea"])
            for row in rows:
                copy.write_row(row)
        cursor.execute("DELETE FROM audit_pending WHERE entry_id = ANY(%s)", [ids])


def tree_of(log: LogState) -> CompactRange:
    """The tree as the database remembers it."""
    return CompactRange.from_hashes(log.size, log.compact_range)


def _seal() -> None:
    """Sign the committed size. The signer's file is read before the database, so the database is never older."""
    signed = signer.last_head()
    log = LogState.objects.filter(pk=ROW).first() or LogState(origin=keystore.origin(), compact_range=[])
    root = tree_of(log).root().hex()
    tree = signer.reach(signed, log.size, root, leaf_hashes)
    written = set(Checkpoint.objects.filter(pk__in={signed.size, log.size}).values_list("pk", flat=True))
    if signed.size and signed.size not in written:
        publish(signed.size, signed.root, signer.sign_again(signed))  # its signer died before it was written down
        written.add(signed.size)
    if log.size and log.size not in written:
        publish(log.size, root, signer.sign(signed, tree))
    signer.go_on()


def publish(size: int, root: str, note: str) -> None:
    """Put a signed head into the database; of two who signed the same one, the first has written it."""
    try:
        with transaction.atomic():
            Checkpoint.objects.create(size=size, root=root, note=note, created_at=clock.now())
            live.changed("audit")
            if settings.WITNESSES:
                doorbell.ring("audit.cosign", queue="background")
    except IntegrityError:
        if not Checkpoint.objects.filter(pk=size, root=root).exists():
            raise


def locked_log() -> LogState:
    """The log's row, held until the transaction ends; PostgreSQL ends it if this process stops in the middle.

    Raises:
        RollbackError: The database belongs to another installation than the keys.
    """
    origin = keystore.origin()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{TAKEOVER_S}s'")
    held = LogState.objects.select_for_update()
    log = held.filter(pk=ROW).first()
    if log is None:
        LogState.objects.get_or_create(pk=ROW, defaults={"origin": origin})
        log = held.get(pk=ROW)
    if log.origin != origin:
        detail = (
            f"The database belongs to {log.origin}, the keys to {origin}. Point DATA_DIR at that installation's keys."
        )
        raise RollbackError(detail, database=log.origin, keys=origin)
    return log
