"""The hand that signs checkpoints. It remembers what it signed, and never signs a second truth.

Its memory is a file beside the keys, not a row: a database that was put back to yesterday is behind it, and is refused.
"""

import fcntl
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from audit import keystore
from audit.errors import RollbackError
from proof import canonical, checkpoint
from proof.merkle import CompactRange

log = logging.getLogger(__name__)

LeavesFrom = Callable[[int, int], Iterable[bytes]]

REMEDY = (
    "The record is read-only until the newest copy of the database is restored; "
    "./manage.py audit fsck shows where it differs."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last head that was signed: size, root in hex, and the compact range that leads to it."""

    size: int
    root: str
    hashes: tuple[str, ...]

    def tree(self) -> CompactRange:
        """The compact range, ready to take more leaves."""
        return CompactRange.from_hashes(self.size, self.hashes)


def last_head() -> Head:
    """What was signed last; size 0 if nothing was.

    Raises:
        RollbackError: The file cannot be read as such.
    """
    try:
        content = _state_file().read_bytes()
    except FileNotFoundError:
        return head_of(CompactRange())
    try:
        stored = cast("dict[str, Any]", canonical.loads(content))  # what follows checks it
        head = Head(size=stored["size"], root=stored["root"], hashes=tuple(stored["hashes"]))
        if head.tree().root().hex() != head.root:
            raise ValueError(head.root)
    except (ValueError, KeyError, TypeError) as error:
        detail = f"{_state_file()} does not hold what the signer wrote. {REMEDY}"
        raise RollbackError(detail) from error
    return head


def head_of(tree: CompactRange) -> Head:
    """A tree's head."""
    return Head(size=tree.size, root=tree.root().hex(), hashes=tuple(tree.to_hashes()))


@contextmanager
def held() -> Iterator[None]:
    """Be the only signer on this machine. Read the size to sign only after taking this."""
    with (keystore.folder() / "log.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def require_not_behind(signed: Head, size: int, root: str) -> None:
    """Refuse a tree that is smaller than the signed one, or as large and different.

    Raises:
        RollbackError: With the sentence that the pages show.
    """
    if size < signed.size:
        detail = f"The database holds {size} records, but {signed.size} were signed. {REMEDY}"
        raise stop(detail, size=size, signed=signed.size)
    if size == signed.size and root != signed.root:
        detail = f"The database's {size} records are not the {size} that were signed. {REMEDY}"
        raise stop(detail, size=size, root=root, signed_root=signed.root)


def sign(size: int, root: str, leaves: LeavesFrom) -> str:
    """Sign a head that is reached from the last one by appending leaves; call it under `held`.

    Args:
        size: how many leaves, all committed.
        root: what the database says their root is, in hex.
        leaves: gives the leaf hashes from one sequence number up to, not including, another.

    Raises:
        RollbackError: The head is smaller than the last, another of the same size, or not an extension of it.
    """
    signed = last_head()
    require_not_behind(signed, size, root)
    tree = signed.tree()
    for leaf_hash in leaves(signed.size, size):
        tree.append(leaf_hash)
    if (tree.size, tree.root().hex()) != (size, root):
        detail = f"The database's first {signed.size} records are not those that were signed. {REMEDY}"
        raise stop(detail, size=size, root=root, found=tree.root().hex())

    keystore.replace(_state_file(), _written(head_of(tree)))
    head = checkpoint.Checkpoint(origin=keystore.origin(), size=size, root=tree.root())
    return checkpoint.sign(head, keystore.private("log"), keystore.seed("log-pq"))


def stop(detail: str, **facts: object) -> RollbackError:
    """Make the ledger read-only for every process here, and give the error to raise."""
    if not _stop_file().exists():
        keystore.replace(_stop_file(), detail.encode("utf-8"))
        log.critical("ledger stopped", extra={"why": detail, **facts})
    return RollbackError(detail, **facts)


def go_on() -> None:
    """Take the stop away, once the database is found to hold what was signed."""
    _stop_file().unlink(missing_ok=True)


def stopped() -> str:
    """Why the ledger is read-only; empty when it is not."""
    try:
        return _stop_file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def refuse_if_stopped() -> None:
    """Write nothing more to a record that went back in time.

    Raises:
        RollbackError: It did.
    """
    why = stopped()
    if why:
        raise RollbackError(why)


def _written(head: Head) -> bytes:
    return canonical.dumps({"hashes": list(head.hashes), "root": head.root, "size": head.size})


def _state_file() -> Path:
    return keystore.folder() / "log.state"


def _stop_file() -> Path:
    return keystore.folder() / "log.stopped"
