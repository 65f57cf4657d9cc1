"""Which changes were used: the executor's own file, outside the database, so that a row cannot make it forget."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.execution.state import state_dir
from agents.execution.waiting import NotYetError
from core import clock
from core.errors import RefusedError

SCHEMA = """
CREATE TABLE IF NOT EXISTS uses (
    nonce TEXT PRIMARY KEY, change TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL,
    targets TEXT NOT NULL, auto INTEGER NOT NULL, spent INTEGER NOT NULL DEFAULT 0,
    intent TEXT NOT NULL DEFAULT '', seq INTEGER NOT NULL DEFAULT -1
) STRICT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a change.

    Attributes:
        run: which run of ours it is bound to; the same run going on after a crash is no replay.
        at: when it was intended; the clock that a resumed run is judged by.
        auto: whether policy alone decided.
        spent: whether that run has ended.
        intent: digest of the signed intent; `seq` its place in the log, -1 while it has none.
    """

    nonce: str
    change: str
    run: str
    at: datetime
    targets: tuple[str, ...]
    auto: bool
    spent: bool = False
    intent: str = ""
    seq: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many changes policy alone may run within an hour: in all, and on one target."""

    per_hour: int
    per_target_per_hour: int


class AllowanceError(RefusedError):
    """Policy alone has acted as often as it may within the hour; somebody should look why."""

    code, title = "allowance", "Often enough for policy alone"


def find(nonce: str) -> Use | None:
    """The use of a nonce, if there was one."""
    with _store() as store:
        row = store.execute("SELECT * FROM uses WHERE nonce = ?", (nonce,)).fetchone()
    return _use(row) if row else None


def reserve(use: Use, allowance: Allowance | None = None) -> Use:
    """Write a use down durably before acting; the same run gets its own back.

    Args:
        use: the use.
        allowance: what policy alone may do in an hour; counted while no other worker can reserve.

    Raises:
        RefusedError: The nonce belongs to another run, or its run has ended, or the allowance is used up.
    """
    row = (use.nonce, use.change, use.run, clock.rfc3339(use.at), json.dumps(use.targets), int(use.auto), use.intent)
    with _store() as store:
        store.execute("BEGIN IMMEDIATE")
        if allowance is not None:
            _require_room(store, allowance, use.targets, apart_from=use.nonce)
        store.execute(
            "INSERT INTO uses (nonce, change, run, at, targets, auto, intent) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            row,
        )
        store.execute("COMMIT")
        kept = _use(store.execute("SELECT * FROM uses WHERE nonce = ?", (use.nonce,)).fetchone())
    require_ours(kept, change=use.change, run=use.run)
    return kept


def require_ours(use: Use, *, change: str, run: str) -> None:
    """Refuse a nonce that was used by anybody but this run.

    Raises:
        RefusedError: It was.
    """
    if use.spent or (use.change, use.run) != (change, run):
        raise RefusedError(already_used(use))


def already_used(use: Use) -> str:
    """The sentence for a second use."""
    return f"This change was used already, on {use.at:%d %B at %H:%M:%S} UTC. A change may be used once."


def find_run(run: str, change: str) -> Use | None:
    """The use that is bound to a run, if there was one."""
    with _store() as store:
        row = store.execute("SELECT * FROM uses WHERE run = ? AND change = ?", (run, change)).fetchone()
    return _use(row) if row else None


def place(nonce: str, seq: int) -> None:
    """Write down where the intent stands in the log; once known, that never changes."""
    with _store() as store:
        store.execute("UPDATE uses SET seq = ? WHERE nonce = ? AND seq < 0", (seq, nonce))


def sweep(has_ended: Callable[[str], bool]) -> None:
    """Close the uses whose remediations have ended without telling, such as when a person took over."""
    with _store() as store:
        rows = store.execute("SELECT nonce, run FROM uses WHERE spent = 0").fetchall()
    for nonce, run in rows:
        if has_ended(str(run).partition("/")[2]):
            spend(str(nonce))


def spend(nonce: str) -> None:
    """Close a use: its run has ended and can never go on."""
    with _store() as store:
        store.execute("UPDATE uses SET spent = 1 WHERE nonce = ?", (nonce,))


def require_room(allowance: Allowance, targets: Sequence[str], *, apart_from: str) -> None:
    """Refuse what would be too much for policy alone within the hour, in all or on any of these targets (H4).

    Raises:
        RefusedError: It would.
    """
    with _store() as store:
        _require_room(store, allowance, targets, apart_from=apart_from)


def _require_room(store: sqlite3.Connection, allowance: Allowance, targets: Sequence[str], *, apart_from: str) -> None:
    _require_allowance(store, allowance, targets, apart_from=apart_from)
    running = store.execute("SELECT targets FROM uses WHERE spent = 0 AND nonce != ?", (apart_from,)).fetchall()
    for row in running:
        shared = sorted(set(json.loads(row[0])) & set(targets))
        if shared:
            msg = f"Another change runs on {shared[0]}; policy alone runs one at a time there."
            raise NotYetError(msg)


def _require_allowance(
    store: sqlite3.Connection, allowance: Allowance, targets: Sequence[str], *, apart_from: str
) -> None:
    since = clock.rfc3339(clock.now() - timedelta(hours=1))
    rows = store.execute(
        "SELECT targets FROM uses WHERE auto = 1 AND at > ? AND nonce != ?", (since, apart_from)
    ).fetchall()
    on_target = sum(not set(json.loads(row[0])).isdisjoint(targets) for row in rows)
    if len(rows) >= allowance.per_hour:
        msg = f"Policy alone already ran {len(rows)} changes within the hour; {allowance.per_hour} are allowed."
        raise AllowanceError(msg)
    if on_target >= allowance.per_target_per_hour:
        most = allowance.per_target_per_hour
        msg = f"Policy alone already acted {on_target} times on this target within the hour; {most} are allowed."
        raise AllowanceError(msg)


@contextmanager
def _store() -> Iterator[sqlite3.Connection]:
    path = state_dir() / "uses.sqlite3"
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as store:
        store.execute("PRAGMA synchronous=FULL")
        store.execute(SCHEMA)
        yield store


def _use(row: Sequence[str | int]) -> Use:
    return Use(
        nonce=str(row[0]),
        change=str(row[1]),
        run=str(row[2]),
        at=clock.from_rfc3339(str(row[3])),
        targets=tuple(json.loads(str(row[4]))),
        auto=bool(row[5]),
        spent=bool(row[6]),
        intent=str(row[7]),
        seq=int(row[8]),
    )
