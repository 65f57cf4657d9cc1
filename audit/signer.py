"""The hand that signs checkpoints. It remembers what it signed, and never signs a second truth.

Its memory is a folder beside the keys, not a row: a database that was put back to yesterday is behind it, and is
refused. Each head is a file of its own, numbered by its generation, and a generation can be written once: of two
signers that go on from the same head, one wins. One that was stopped in the middle and wakes up later writes nothing.
"""

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from audit import keystore
from audit.errors import FencedError, RollbackError
from proof import canonical, checkpoint
from proof.merkle import CompactRange

log = logging.getLogger(__name__)

LeavesFrom = Callable[[int, int], Iterable[bytes]]

REMEDY = (
    "The record is read-only until the newest copy of the database is restored; ./manage.py audit fsck shows where it "
    "differs. If that copy is lost for good: ./manage.py ledger recover."
)
KEPT_GENERATIONS = 3
HEAD_FILE = re.compile(r"\d{20}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last head that was signed.

    Attributes:
        size: how many records.
        root: in hex.
        hashes: the compact range that leads to the root, in hex.
        generation: how many heads were remembered before it; 0 when nothing was ever signed.
        chain: a hash over all heads that were signed, so that none can be taken out of the record afterwards.
    """

    size: int
    root: str
    hashes: tuple[str, ...]
    generation: int = 0
    chain: str = ""

    def tree(self) -> CompactRange:
        """The compact range, ready to take more leaves."""
        return CompactRange.from_hashes(self.size, self.hashes)


def last_head() -> Head:
    """What was signed last; size 0 if nothing was.

    Raises:
        RollbackError: The file cannot be read as such.
    """
    generation = _newest()
    while generation:
        path = _file_of(generation)
        try:
            return _read(path.read_bytes(), generation)
        except FileNotFoundError:  # others went on meanwhile, and cleared it away
            generation = _newest()
        except (ValueError, KeyError, TypeError) as error:
            detail = f"{path} does not hold what the signer wrote. {REMEDY}"
            raise RollbackError(detail) from error
    return head_of(CompactRange())


def head_of(tree: CompactRange) -> Head:
    """A tree's head."""
    return Head(size=tree.size, root=tree.root().hex(), hashes=tuple(tree.to_hashes()))


def require_not_behind(signed: Head, size: int, root: str) -> None:
    """Refuse a tree that is smaller than the signed one, or as large and different.

    Raises:
        RollbackError: With the sentence that the pages show.
    """
    why = contradicted()
    if why:
        raise RollbackError(why)
    if size < signed.size:
        detail = f"The database holds {size} records, but {signed.size} were signed. {REMEDY}"
        raise stop(detail, size=size, signed=signed.size)
    if size == signed.size and root != signed.root:
        detail = f"The database's {size} records are not the {size} that were signed. {REMEDY}"
        raise stop(detail, size=size, root=root, signed_root=signed.root)


def reach(signed: Head, size: int, root: str, leaves: LeavesFrom) -> CompactRange:
    """The tree of that size and root, if appending leaves leads to it from what was signed.

    Args:
        signed: the last head, read before the size was.
        size: how many leaves, all committed.
        root: what the database says their root is, in hex.
        leaves: gives the leaf hashes from one sequence number up to, not including, another.

    Raises:
        RollbackError: The tree is smaller than the last, another of the same size, or not an extension of it.
    """
    require_not_behind(signed, size, root)
    tree = signed.tree()
    for leaf_hash in leaves(signed.size, size):
        tree.append(leaf_hash)
    if (tree.size, tree.root().hex()) != (size, root):
        detail = f"The database's first {signed.size} records are not those that were signed. {REMEDY}"
        raise stop(detail, size=size, root=root, found=tree.root().hex())
    return tree


def sign(signed: Head, tree: CompactRange) -> str:
    """Sign a tree that `reach` gave.

    Raises:
        FencedError: Another signer went on from the same head meanwhile; nothing was signed.
    """
    root = tree.root().hex()
    chain = signed.chain if tree.size == signed.size else linked(signed.chain, tree.size, root)
    return _remember_and_sign(signed, tree, chain)


def sign_again(head: Head) -> str:
    """The note over a head that was signed already, for a record that lacks it."""
    signed = checkpoint.Checkpoint(origin=keystore.origin(), size=head.size, root=bytes.fromhex(head.root))
    return checkpoint.sign(signed, keystore.private("log"), keystore.seed("log-pq"))


def linked(chain: str, size: int, root: str) -> str:
    """The hash over all signed heads, with one more."""
    return hashlib.sha256(bytes.fromhex(chain) + size.to_bytes(8, "big") + bytes.fromhex(root)).hexdigest()


def go_past(lost: Head, tree: CompactRange, kept: Iterable[tuple[int, str]]) -> str:
    """Sign a larger head that does not lead on from the last one, because its records are lost (`audit recover`).

    This is the only way around the rule that each head extends the one before. Sizes up to the lost head's are never
    signed again: no size has two roots.

    Args:
        lost: the head that nothing leads on from any more.
        tree: what is signed next.
        kept: size and root of the earlier signed heads that are still in the record, in order.

    Raises:
        RollbackError: The tree is not larger than what was signed.
        FencedError: Another signer went on meanwhile; nothing was signed.
    """
    if tree.size <= lost.size:
        detail = f"{lost.size} records were signed. Only a larger tree may follow them; this one has {tree.size}."
        raise RollbackError(detail, size=tree.size, signed=lost.size)
    log.critical("ledger goes past a lost head", extra={"lost": lost.size, "lost_root": lost.root, "size": tree.size})
    chain = ""
    for size, root in [*kept, (tree.size, tree.root().hex())]:
        chain = linked(chain, size, root)
    return _remember_and_sign(lost, tree, chain)


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
    return _content_of(_stop_file()) or contradicted()


def contradict(detail: str, **facts: object) -> None:
    """Stop because a witness holds a head that we signed and that the record does not lead to; only `agree` ends it."""
    if not contradicted():
        log.critical("ledger contradicted by a witness", extra={"why": detail, **facts})
    keystore.replace(_contradiction_file(), detail.encode("utf-8"))


def agree() -> None:
    """Take that stop away: all witnesses agree with the record."""
    _contradiction_file().unlink(missing_ok=True)


def contradicted() -> str:
    """What a witness holds against the record; empty if nothing."""
    return _content_of(_contradiction_file())


def refuse_if_stopped() -> None:
    """Write nothing more to a record that went back in time.

    Raises:
        RollbackError: It did.
    """
    why = stopped()
    if why:
        raise RollbackError(why)


def _remember_and_sign(before: Head, tree: CompactRange, chain: str) -> str:
    head = replace(head_of(tree), generation=before.generation + 1, chain=chain)
    _remember(head)
    return sign_again(head)


def _remember(head: Head) -> None:
    generation = head.generation
    told = {"chain": head.chain, "hashes": list(head.hashes), "root": head.root, "size": head.size}
    content = canonical.dumps(told)
    path = _file_of(generation)
    try:
        held = keystore.kept(path, lambda: content)
    except FileNotFoundError:  # others wrote it, went on, and cleared it away in the middle of this
        held = b""
    if held != content or _newest() != generation:
        detail = "Another signer went on from the same head. Nothing was signed here."
        raise FencedError(detail, generation=generation)
    for older in path.parent.iterdir():
        if HEAD_FILE.fullmatch(older.name) and int(older.stem) <= generation - KEPT_GENERATIONS:
            older.unlink(missing_ok=True)


def _read(content: bytes, generation: int) -> Head:
    stored = cast("dict[str, Any]", canonical.loads(content))  # what follows checks it
    size, root, hashes = stored["size"], stored["root"], tuple(stored["hashes"])
    head = Head(size=size, root=root, hashes=hashes, generation=generation, chain=stored["chain"])
    if head.tree().root().hex() != head.root:
        raise ValueError(head.root)
    return head


def _newest() -> int:
    """The highest generation; 0 when there is none."""
    return max((int(path.stem) for path in heads_folder().iterdir() if HEAD_FILE.fullmatch(path.name)), default=0)


def heads_folder() -> Path:
    """Where the heads lie; made on first use, closed to others."""
    path = keystore.folder() / "log.heads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _file_of(generation: int) -> Path:
    return heads_folder() / f"{generation:020}.json"


def _stop_file() -> Path:
    return keystore.folder() / "log.stopped"


def _contradiction_file() -> Path:
    return keystore.folder() / "log.contradicted"


def _content_of(path: Path) -> str:
    if not os.path.lexists(path):  # asked before every entry, and nearly always so
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
