"""The tree as C2SP tiles, and proofs out of them; made from the leaves when somebody asks.

A full tile never changes, so those above the leaves are kept. Nobody need believe them: every proof made of them ends
in a root, and the root is signed.
"""

from collections.abc import Iterator

from audit.models import Leaf, Tile
from audit.selectors import leaf_hashes
from core.errors import NotFoundError
from proof import merkle
from proof.merkle import consistency_ranges, inclusion_ranges, node_hash
from proof.tlog import HASH_BYTES, MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH, widths, write_bundle


def hash_tile(level: int, number: int, width: int, size: int) -> bytes:
    """The bytes of a hash tile, as far as a tree of `size` leaves has it.

    Raises:
        NotFoundError: The tree has no tile of that width there.
    """
    _require_there(level, number, width, size)
    start = number * TILE_WIDTH
    return _hashes(level, start, start + width)


def entry_bundle(number: int, width: int, size: int) -> bytes:
    """The bodies of the entries under a tile of level 0. They hold ids and digests, and no facts.

    Raises:
        NotFoundError: The tree has no tile of that width there.
    """
    _require_there(0, number, width, size)
    start = number * TILE_WIDTH
    wanted = Leaf.objects.filter(seq__gte=start, seq__lt=start + width).order_by("seq")
    return write_bundle(bytes(body) for body in wanted.values_list("entry__body", flat=True))


def inclusion_proof(index: int, size: int) -> list[bytes]:
    """The audit path of a leaf in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    return [_head(start, end) for start, end in inclusion_ranges(index, size)]


def consistency_proof(old_size: int, size: int) -> list[bytes]:
    """The proof that the tree only grew between the two sizes (RFC 9162, 2.1.4.1)."""
    return [_head(start, end) for start, end in consistency_ranges(old_size, size)]


def _require_there(level: int, number: int, width: int, size: int) -> None:
    full, rest = widths(size, level)
    there = TILE_WIDTH if number < full else rest if number == full else 0
    if level > MAX_LEVEL or not 0 < width <= there:
        detail = f"The signed tree of {size} records has no such tile."
        raise NotFoundError(detail, size=size)


def _head(start: int, end: int) -> bytes:
    """The head of a range of leaves that begins, as all in these proofs do, at a multiple of its power of two."""
    count = end - start
    if count & (count - 1):
        middle = start + merkle.split(count)
        return node_hash(_head(start, middle), _head(middle, end))
    level, height = divmod(count.bit_length() - 1, TILE_HEIGHT)
    first = start >> TILE_HEIGHT * level
    return _full(_hashes(level, first, first + (1 << height)))


def _full(row: bytes) -> bytes:
    """The head of a power of two of hashes."""
    return merkle.root(row[at : at + HASH_BYTES] for at in range(0, len(row), HASH_BYTES))


def _hashes(level: int, start: int, end: int) -> bytes:
    """The hashes of full subtrees at a level, from one up to another within one tile."""
    if level == 0:
        return b"".join(leaf_hashes(start, end))
    number, first = divmod(start, TILE_WIDTH)
    last = first + end - start
    kept = bytes(Tile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first() or b"")
    if len(kept) < last * HASH_BYTES:
        kept = _grown(level, number, kept, last)
    return kept[first * HASH_BYTES : last * HASH_BYTES]


def _grown(level: int, number: int, kept: bytes, width: int) -> bytes:
    """Work out what is missing of a tile and keep it. Of several at once, any may win: all work out the same."""
    done = len(kept) // HASH_BYTES
    first = number * TILE_WIDTH
    hashes = kept + b"".join(_below(level, first + done, first + width))
    Tile.objects.update_or_create(level=level, number=number, defaults={"hashes": hashes})
    return hashes


def _below(level: int, start: int, end: int) -> Iterator[bytes]:
    """The hashes of a level, each from the 256 below it; those of level 1 in one pass over the leaves."""
    if level > 1:
        for place in range(start, end):
            yield _full(_hashes(level - 1, place * TILE_WIDTH, (place + 1) * TILE_WIDTH))
        return
    row = []
    for leaf_hash in leaf_hashes(start * TILE_WIDTH, end * TILE_WIDTH):
        row.append(leaf_hash)
        if len(row) == TILE_WIDTH:
            yield merkle.root(row)
            row.clear()
