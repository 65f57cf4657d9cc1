"""The trail as CSV (RFC 4180), a row a record; safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from audit.selectors import Record
from console.selectors import trail
from core import clock

HEADINGS = ("record", "time_utc", "who", "actor", "what", "verb", "subject", "state_reached", "facts", "leaf_hash")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BATCH = 500


def lines(records: Iterable[Record]) -> Iterator[str]:
    """The file, piece by piece."""
    yield _written([HEADINGS])
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield _rows(batch)
            batch = []
    if batch:
        yield _rows(batch)


def _rows(batch: list[Record]) -> str:
    shown = trail.rows_of(batch)
    return _written(
        (
            "" if record.seq is None else str(record.seq),
            clock.rfc3339(record.at),
            row.face.name,
            record.actor,
            row.words,
            record.verb,
            record.subject,
            row.reached,
            json.dumps(record.facts, ensure_ascii=False, sort_keys=True),
            record.leaf_hash,
        )
        for record, row in zip(batch, shown, strict=True)
    )


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_inert(cell) for cell in row] for row in rows])
    return text.getvalue()


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
