"""The head of the log that the executor last saw signed: a file outside the database, so that time cannot run back."""

from dataclasses import asdict, dataclass

from agents.execution import state
from proof.merkle import CompactRange

NAME = "log.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class HighWater:
    """The newest head: the log's name, its size, its root in hex and the compact range that leads to it."""

    origin: str = ""
    size: int = 0
    root: str = ""
    hashes: tuple[str, ...] = ()

    def tree(self) -> CompactRange:
        """The compact range, ready to take more leaves."""
        return CompactRange.from_hashes(self.size, self.hashes)


def high_water() -> HighWater:
    """What was seen last; an empty log before the first time.

    Raises:
        RefusedError: The file is there and does not hold what was written.
    """
    found = state.read(NAME)
    if found is None:
        return HighWater()
    try:
        mark = HighWater(
            origin=str(found["origin"]),
            size=int(found["size"]),
            root=str(found["root"]),
            hashes=tuple(str(item) for item in found["hashes"]),
        )
        fits = mark.tree().root().hex() == mark.root
    except (KeyError, TypeError, ValueError) as error:
        raise state.unreadable(NAME) from error
    if not fits:
        raise state.unreadable(NAME)
    return mark


def raise_to(origin: str, tree: CompactRange) -> HighWater:
    """Write a larger head down; a smaller one changes nothing."""
    with state.turn("log"):
        known = high_water()
        if known.origin == origin and known.size >= tree.size:
            return known
        mark = HighWater(origin=origin, size=tree.size, root=tree.root().hex(), hashes=tuple(tree.to_hashes()))
        state.write(NAME, asdict(mark))
        return mark
