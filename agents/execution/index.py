"""The executor's own index of the log, in a file of its own; rows of the database are never asked what they say.

It holds what the log said about decisions, keys, policies, stops and runs, and the bytes of the signed statements, so
that what was once read can be neither altered nor withheld later.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from agents.execution.state import state_dir

NAME = "index.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (
    id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, hashes TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL, subject TEXT NOT NULL,
    documents TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_verb ON entries (verb, seq);
CREATE TABLE IF NOT EXISTS mentions (
    subject TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statements (
    seq INTEGER NOT NULL, sha256 TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (seq, sha256)
) STRICT;
CREATE INDEX IF NOT EXISTS statements_by_about ON statements (about, seq);
CREATE INDEX IF NOT EXISTS statements_by_kind ON statements (kind, seq);
CREATE TABLE IF NOT EXISTS versions (
    kind TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL,
    content BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (kind, version)
) STRICT;
CREATE TABLE IF NOT EXISTS missing (
    sha256 TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (sha256, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS heads (size INTEGER PRIMARY KEY, seen TEXT NOT NULL, before TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An entry of the log, as the index keeps it.

    Attributes:
        documents: (name, sha256) pairs, as in the body.
    """

    seq: int
    at: str
    actor: str
    verb: str
    subject: str
    about: tuple[str, ...]
    documents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed statement that an entry named.

    Attributes:
        about: digest of the change or standing approval, or the subject of an act; empty if it is neither.
        kind: `decision`, `override`, `act`, or `under:<digest>` for a decision that rests on a standing approval.
    """

    seq: int
    sha256: str
    about: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the registry or the policy that held when it was read."""

    version: int
    seq: int
    sha256: str
    content: bytes
    signature: bytes


class Index:
    """The index, open. Writes happen inside `Index.writing` alone."""

    def __init__(self, store: sqlite3.Connection) -> None:
        self._store = store

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; nobody else writes meanwhile, and an error leaves everything as it was."""
        self._store.execute("BEGIN IMMEDIATE")
        held = False
        try:
            yield
            held = True
        finally:
            self._store.execute("COMMIT" if held else "ROLLBACK")

    # --- the mark ----------------------------------------------------------------------------------------------------
    def mark(self) -> tuple[str, int, list[str]]:
        """Origin, size and compact range up to which the index goes."""
        row = self._store.execute("SELECT origin, size, hashes FROM mark").fetchone()
        return (str(row[0]), int(row[1]), list(json.loads(row[2]))) if row else ("", 0, [])

    def set_mark(self, origin: str, size: int, hashes: Sequence[str]) -> None:
        """Move the mark."""
        self._store.execute("REPLACE INTO mark VALUES (1, ?, ?, ?)", (origin, size, json.dumps(list(hashes))))

    def saw(self, size: int, seen: str, before: str) -> None:
        """Note when a head was first seen, and when the log was looked at before that."""
        self._store.execute("INSERT OR IGNORE INTO heads VALUES (?, ?, ?)", (size, seen, before))

    def covered(self, seq: int) -> tuple[str, str] | None:
        """When an entry was first seen under a head, and the look before that."""
        row = self._store.execute(
            "SELECT seen, before FROM heads WHERE size > ? ORDER BY size LIMIT 1", (seq,)
        ).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    # --- entries -----------------------------------------------------------------------------------------------------
    def note(self, entry: Noted) -> None:
        """Keep an entry."""
        row = (entry.seq, entry.at, entry.actor, entry.verb, entry.subject, json.dumps(entry.documents))
        self._store.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        mentions = {*entry.about, entry.subject}
        self._store.executemany("INSERT INTO mentions VALUES (?, ?)", [(name, entry.seq) for name in mentions])

    def entries(self, verbs: Iterable[str], *, about: str = "", above: int = -1, below: int = 2**62) -> list[Noted]:
        """Entries of these verbs between two places, both not included; about a subject where one is given."""
        names = sorted(set(verbs))
        joined = "JOIN mentions AS m ON m.seq = e.seq AND m.subject = ?" if about else ""
        marks = ", ".join("?" * len(names))
        rows = self._store.execute(
            f"SELECT e.* FROM entries AS e {joined} WHERE e.verb IN ({marks}) AND e.seq > ? AND e.seq < ? "  # noqa: S608 -- only marks are put in
            "ORDER BY e.seq",
            ([about] if about else []) + names + [above, below],
        ).fetchall()
        return [self._noted(row) for row in rows]

    def at(self, seq: int) -> Noted | None:
        """The entry at a place, if it was kept."""
        row = self._store.execute("SELECT * FROM entries WHERE seq = ?", (seq,)).fetchone()
        return self._noted(row) if row else None

    def latest_at(self) -> str:
        """The latest time that any kept entry carries; empty if there is none."""
        return str(self._store.execute("SELECT COALESCE(MAX(at), '') FROM entries").fetchone()[0])

    def _noted(self, row: Sequence[str | int]) -> Noted:
        about = self._store.execute("SELECT subject FROM mentions WHERE seq = ?", (row[0],)).fetchall()
        return Noted(
            seq=int(row[0]),
            at=str(row[1]),
            actor=str(row[2]),
            verb=str(row[3]),
            subject=str(row[4]),
            about=tuple(sorted(str(one[0]) for one in about)),
            documents=tuple((str(name), str(digest)) for name, digest in json.loads(str(row[5]))),
        )

    # --- signed statements -------------------------------------------------------------------------------------------
    def sign(self, statement: Signed) -> None:
        """Keep a signed statement."""
        row = (statement.seq, statement.sha256, statement.about, statement.kind, statement.content)
        self._store.execute("INSERT OR IGNORE INTO statements VALUES (?, ?, ?, ?, ?)", row)

    def statements(self, about: str, *, above: int = -1, below: int = 2**62) -> list[Signed]:
        """Signed statements about something, in the order of the log."""
        return self._signed("about = ? AND seq > ? AND seq < ?", (about, above, below))

    def acts(self, *, above: int = -1, below: int = 2**62) -> list[Signed]:
        """All signed acts, in the order of the log."""
        return self._signed("kind = 'act' AND seq > ? AND seq < ?", (above, below))

    def of_kind(self, kind: str, *, below: int = 2**62) -> list[Signed]:
        """Signed statements of a kind, in the order of the log."""
        return self._signed("kind = ? AND seq < ?", (kind, below))

    def _signed(self, where: str, values: Sequence[str | int]) -> list[Signed]:
        rows = self._store.execute(
            f"SELECT seq, sha256, about, kind, content FROM statements WHERE {where} ORDER BY seq, sha256",  # noqa: S608 -- two fixed texts
            values,
        ).fetchall()
        return [
            Signed(seq=int(row[0]), sha256=str(row[1]), about=str(row[2]), kind=str(row[3]), content=bytes(row[4]))
            for row in rows
        ]

    # --- versions ----------------------------------------------------------------------------------------------------
    def add_version(self, kind: str, version: Version) -> None:
        """Keep a version of the registry or the policy."""
        row = (kind, version.version, version.seq, version.sha256, version.content, version.signature)
        self._store.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?)", row)

    def versions(self, kind: str, *, below: int = 2**62) -> list[Version]:
        """The versions that stood in the log below a place, oldest first."""
        rows = self._store.execute(
            "SELECT version, seq, sha256, content, signature FROM versions WHERE kind = ? AND seq < ? ORDER BY version",
            (kind, below),
        ).fetchall()
        return [
            Version(
                version=int(row[0]), seq=int(row[1]), sha256=str(row[2]), content=bytes(row[3]), signature=bytes(row[4])
            )
            for row in rows
        ]

    # --- what is withheld --------------------------------------------------------------------------------------------
    def miss(self, sha256: str, seq: int, name: str) -> None:
        """Note a document that the log names and nobody shows."""
        self._store.execute("INSERT OR IGNORE INTO missing VALUES (?, ?, ?)", (sha256, seq, name))

    def missing(self) -> list[tuple[str, int, str]]:
        """All of those: digest, place, name."""
        rows = self._store.execute("SELECT sha256, seq, name FROM missing ORDER BY seq").fetchall()
        return [(str(row[0]), int(row[1]), str(row[2])) for row in rows]

    def found(self, sha256: str, seq: int) -> None:
        """It was shown after all."""
        self._store.execute("DELETE FROM missing WHERE sha256 = ? AND seq = ?", (sha256, seq))


@contextmanager
def opened() -> Iterator[Index]:
    """The index; made where there is none."""
    with closing(sqlite3.connect(state_dir() / NAME, timeout=20, isolation_level=None)) as store:
        store.execute("PRAGMA synchronous=FULL")
        store.execute("PRAGMA journal_mode=WAL")
        store.executescript(SCHEMA)
        yield Index(store)


def forget() -> None:
    """Throw the index away; it is made again from the log."""
    for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
        (state_dir() / name).unlink(missing_ok=True)
