"""Signed statements and acts with their places in the ledger: the prefix of it that a judgement is a function of."""

from collections.abc import Sequence
from dataclasses import dataclass

UNPLACED = -1


@dataclass(frozen=True, slots=True)
class Record:
    """A sidecar and the ledger entry that recorded it.

    Attributes:
        index: the entry's sequence number; -1 while it has none, which makes it later than all that have one.
        data: the sidecar's bytes.
    """

    index: int
    data: bytes


def prefix(records: Sequence[Record], size: int | None) -> list[Record]:
    """The records of the first `size` entries in the order of the ledger; all of them, unplaced ones last, for None."""
    placed = sorted((record for record in records if record.index >= 0), key=lambda record: record.index)
    if size is not None:
        return [record for record in placed if record.index < size]
    return [*placed, *(record for record in records if record.index < 0)]
