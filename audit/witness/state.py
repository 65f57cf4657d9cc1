"""What the witness saw last of each log: checked and moved on in one transaction, and on disk before it is told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

BUSY_S = 10
MOST_REFUSED = 1_000
TABLES = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, time INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, why TEXT NOT NULL, body TEXT NOT NULL, time INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest head that was signed here for a log.

    Attributes:
        note: with the lines of the log and of this witness.
        time: POSIX seconds, when it was signed.
    """

    size: int
    root: bytes
    note: str = ""
    time: int = 0


class State:
    """The witness's memory, a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as database:
            database.executescript(TABLES)

    @contextmanager
    def alone(self) -> Iterator["Turn"]:
        """Be the only one to read and write until the end, also among processes; what was written is on disk then."""
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            yield Turn(database)
            database.execute("COMMIT")  # without it, closing takes all back

    def seen(self, origin: str) -> Seen | None:
        """The newest head of a log, if any was ever signed."""
        with closing(self._open()) as database:
            return Turn(database).seen(origin)

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        return database


class Turn:
    """One transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def seen(self, origin: str) -> Seen | None:
        """The newest head of a log, if any was ever signed."""
        row = self._database.execute("SELECT size, root, note, time FROM log WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Seen(size=row[0], root=row[1], note=row[2], time=row[3])

    def remember(self, origin: str, seen: Seen) -> None:
        """Move on to a newer head."""
        self._database.execute(
            "INSERT OR REPLACE INTO log (origin, size, root, note, time) VALUES (?, ?, ?, ?, ?)",
            (origin, seen.size, seen.root, seen.note, seen.time),
        )

    def keep_refused(self, origin: str, why: str, body: str, time: int) -> None:
        """Keep what a log's own key signed and does not fit: it may show that the log lied. The oldest go first."""
        self._database.execute(
            "INSERT INTO refused (origin, why, body, time) VALUES (?, ?, ?, ?)", (origin, why, body, time)
        )
        self._database.execute("DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?", (MOST_REFUSED,))
