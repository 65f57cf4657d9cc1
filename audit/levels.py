"""A tree's inner nodes, kept level by level, so that many inclusion proofs cost one pass over the leaves."""

from collections.abc import Iterable

from proof.merkle import EMPTY_ROOT, node_hash

WIDTH = 32


class Levels:
    """The full subtrees of a tree: 64 bytes a leaf in all.

    Attributes:
        size: number of leaves.
    """

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        self._levels = [b"".join(leaf_hashes)]
        self.size = len(self._levels[0]) // WIDTH
        while len(below := self._levels[-1]) >= 2 * WIDTH:
            pairs = range(0, len(below) - WIDTH, 2 * WIDTH)
            nodes = (node_hash(below[at : at + WIDTH], below[at + WIDTH : at + 2 * WIDTH]) for at in pairs)
            self._levels.append(b"".join(nodes))

    def root(self) -> bytes:
        """The tree's head."""
        return self._head(0, self.size) if self.size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The audit path of a leaf (RFC 9162, 2.1.3.1).

        Raises:
            ValueError: There is no such leaf.
        """
        if not 0 <= index < self.size:
            detail = f"There is no leaf {index} in a tree of {self.size}."
            raise ValueError(detail)
        path, start, end = [], 0, self.size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._head(middle, end))
                end = middle
            else:
                path.append(self._head(start, middle))
                start = middle
        return path[::-1]

    def _head(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:  # a full subtree; in RFC 6962 each begins at a multiple of its size
            at = start // count * WIDTH
            return self._levels[count.bit_length() - 1][at : at + WIDTH]
        middle = start + _split(count)
        return node_hash(self._head(start, middle), self._head(middle, end))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
