"""The Merkle tree of RFC 6962 and RFC 9162: heads, proofs of inclusion, proofs of consistency."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
BLOCK = 256


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry's bytes."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The head of the tree over these leaves."""
    tree = CompactRange()
    for item in leaf_hashes:
        tree.append(item)
    return tree.root()


class CompactRange:
    """The least one must remember of a tree to append to it: the heads of its full subtrees, largest first."""

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if size < 0 or len(self._hashes) != size.bit_count() or any(len(item) != 32 for item in self._hashes):
            msg = f"These hashes are not the full subtrees of a tree of {size} leaves."
            raise ValueError(msg)

    @classmethod
    def from_hashes(cls, size: int, hashes: Iterable[str]) -> "CompactRange":
        """Restore a range from what `to_hashes` gave.

        Raises:
            ValueError: The number of hashes does not fit the size, or one is not 32 bytes of hex.
        """
        return cls(size, [bytes.fromhex(item) for item in hashes])

    def to_hashes(self) -> list[str]:
        """The hashes in hex, ready for JSON."""
        return [item.hex() for item in self._hashes]

    def append(self, item: bytes) -> None:
        """Add one leaf hash."""
        ones = self.size
        while ones & 1:
            item = node_hash(self._hashes.pop(), item)
            ones >>= 1
        self._hashes.append(item)
        self.size += 1

    def extend(self, items: Sequence[bytes]) -> None:
        """Add many leaf hashes: what `append` does for each, several times as fast."""
        at, end = 0, len(items)
        while at < end:
            if self.size % BLOCK or end - at < BLOCK:
                self.append(items[at])
                at += 1
            else:
                self._append_block(items[at : at + BLOCK])
                at += BLOCK

    def _append_block(self, row: Sequence[bytes]) -> None:
        """Add a full subtree at a place that is a multiple of its size."""
        sha256 = hashlib.sha256
        while len(row) > 1:
            row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
        item, ones = row[0], self.size // BLOCK
        while ones & 1:
            item = node_hash(self._hashes.pop(), item)
            ones >>= 1
        self._hashes.append(item)
        self.size += BLOCK

    def root(self) -> bytes:
        """The tree's head; SHA-256 of nothing for an empty tree."""
        if not self._hashes:
            return EMPTY_ROOT
        head = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            head = node_hash(left, head)
        return head


def inclusion_proof(index: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The audit path of leaf `index` in the tree over all given leaves (RFC 9162, 2.1.3.1)."""
    return [root(leaf_hashes[start:end]) for start, end in inclusion_ranges(index, len(leaf_hashes))]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaves, from and up to but without, whose heads make the audit path; the leaf's sibling first."""
    if not 0 <= index < size:
        msg = f"There is no leaf {index} in a tree of {size}."
        raise ValueError(msg)
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old_size: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """Proof that the tree over all given leaves only appended to its first `old_size` (RFC 9162, 2.1.4.1)."""
    return [root(leaf_hashes[start:end]) for start, end in consistency_ranges(old_size, len(leaf_hashes))]


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """The leaves, from and up to but without, whose heads make the proof of consistency."""
    if not 0 < old_size <= size:
        msg = f"A tree of {size} leaves has no earlier size {old_size}."
        raise ValueError(msg)
    path, start, end, whole = [], 0, size, True
    while old_size < end:
        middle = start + split(end - start)
        if old_size <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def verify_inclusion(index: int, size: int, item: bytes, proof: Sequence[bytes], head: bytes) -> bool:
    """Whether a leaf hash stands at `index` in the tree of `size` leaves with this head (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _all_digests(proof, item, head):
        return False
    place, last = index, size - 1
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            item = node_hash(other, item)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            item = node_hash(item, other)
        place, last = place >> 1, last >> 1
    return last == 0 and item == head


def verify_consistency(
    old_size: int, new_size: int, *, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the newer tree begins with all of the older one (RFC 9162, 2.1.4.2).

    That the empty tree is the start of every tree says nothing, so it never passes.
    """
    if old_size == new_size:
        return not proof and old_root == new_root and old_size > 0
    if not 0 < old_size < new_size or not proof or not _all_digests(proof, old_root, new_root):
        return False
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    return _climb(old_size - 1, new_size - 1, path) == (old_root, new_root)


def _climb(place: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, other)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def split(size: int) -> int:
    """The largest power of two below `size`: where RFC 9162 parts a tree of that many leaves."""
    return 1 << (size - 1).bit_length() - 1


def _all_digests(proof: Sequence[bytes], *others: bytes) -> bool:
    return all(len(item) == 32 for item in (*proof, *others))
