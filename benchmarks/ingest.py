"""CPU that an alert costs until the API shows it, on PostgreSQL and Redis with separate processes, ledger on.

`--peers` adds yardsticks in the same run: a bare Django view that writes one row a commit, and Alerta from PyPI.
Bounded in count, loopback only. `python benchmarks/ingest.py [COUNT] [--peers]`.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.peers import alerta, bare
from benchmarks.senders import fingerprint, post_all
from benchmarks.web import Web
from tests.with_services import postgres, redis

COUNT = 2_000
AT_ONCE, MANY = 8, 32
LIMIT_S = 300
MOST_FOR_PEERS = 1_000
SINGLY = 100
WARM_UP = 10**9
RESTING = 0.2  # CPU seconds a second, of all processes


class Receiver(Web):
    """The processes that take alerts in: web, worker and beat, no lab, no executor."""

    def begin(self, database: str, broker: str) -> "Receiver":
        """Start them and make an endpoint."""
        self.serve(database, broker)
        told = json.loads(self.manage("source", "add", "alertmanager", "--name", "Bench", "--json"))
        self.hook = told["url"].replace("localhost", "127.0.0.1")
        self.manage("person", "add", "Reader", "--handle", "reader", "--role", "viewer")
        token = self.manage("token", "add", "--person", "reader", "--scope", "incidents:read").split()[-1]
        base, named = f"http://127.0.0.1:{self.port}", {"Authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=base, headers=named, timeout=30)
        self.slug = told["slug"]
        self.start_worker()
        self.start_beat()
        self.seen_after(WARM_UP)
        return self

    def shows(self, key: int) -> bool:
        """Whether whoever asks the API for that alert is told of it."""
        asked = {"fingerprint": fingerprint(self.slug, key)}
        answer = self.client.get("/api/v1/alerts/", params=asked).raise_for_status()
        return bool(answer.json()["results"])

    def seen_after(self, key: int) -> float:
        """Seconds from the answer to a post until its alert can be asked for."""
        post_all(self.hook, 1, 1, key, 1)
        began = time.perf_counter()
        while not self.shows(key):
            if time.perf_counter() - began > LIMIT_S:
                message = f"alert {key} was not seen after {LIMIT_S} s"
                raise AssertionError(message)
        return time.perf_counter() - began


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and all below it, those that ended included."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
        spent[int(entry.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    todo, total = [pid], 0.0
    while todo:
        one = todo.pop()
        total += spent.get(one, 0.0)
        todo += parents.get(one, [])
    return total


@dataclass(frozen=True, slots=True)
class Load:
    """What is posted: so many alerts, so many a post, numbered from `first` on, by so many senders at once."""

    name: str
    alerts: int
    per_post: int
    first: int
    at_once: int = AT_ONCE


class Meter:
    """Measures a receiver: posts to it, waits until all can be read, and counts the CPU of its processes.

    Args:
        database: where its alerts lie, on the server whose CPU counts as `postgres`.
        shows: whether the alert of that number can be asked for; what is told in the table counts for a peer.
    """

    def __init__(
        self,
        hook: str,
        pids: dict[str, int],
        database: str,
        table: str,
        shows: Callable[[int], bool] = lambda _: True,
    ) -> None:
        self.hook, self.table, self.shows = hook, table, shows
        self.link = psycopg.connect(database, autocommit=True)
        self.pids = pids | {"postgres": postmaster(self.link.cursor())}

    def close(self) -> None:
        """Let go of the database."""
        self.link.close()

    def row(self, load: Load) -> None:
        """Print one row of the table: no work that came before is charged to it, and what it leaves is told apart."""
        self._rest()
        before = self._spent()
        stored = self._number(f"SELECT count(*) FROM {self.table}")
        rate = post_all(self.hook, load.alerts, load.per_post, load.first, load.at_once)
        late, seen = self._wait(max(stored, load.first + load.alerts), load.first + load.alerts - 1)
        visible = self._spent()
        self._rest()
        spent = {name: (visible[name] - before[name]) * 1000 / load.alerts for name in self.pids}
        left = sum((value - visible[name]) * 1000 / load.alerts for name, value in self._spent().items())
        parts = ", ".join(f"{name} {value:.2f}" for name, value in spent.items())
        cost = f"{sum(spent.values()):.2f} | {parts} | {left:.2f}"
        told = f"{load.name}, {load.alerts:,} | {load.per_post} | {load.at_once}"
        print(f"| {told} | {rate:,.0f} | {late:.1f} | {cost} |", flush=True)
        assert seen >= load.first + load.alerts

    def _spent(self) -> dict[str, float]:
        return {name: cpu_of(pid) for name, pid in self.pids.items()}

    def _rest(self) -> None:
        """Until what was begun is done: starting, placing and examining entries, diagnoses."""
        before, after = 0.0, LIMIT_S * 1.0
        while after - before > RESTING:
            before = sum(self._spent().values())
            time.sleep(1)
            after = sum(self._spent().values())

    def _wait(self, wanted: int, last: int) -> tuple[float, int]:
        """Seconds until so many alerts are there, nothing waits, and the last one is shown."""
        began = time.perf_counter()
        while time.perf_counter() - began < LIMIT_S:
            seen = self._number(f"SELECT count(*) FROM {self.table}")
            if seen >= wanted and not self._waiting() and self.shows(last):
                return time.perf_counter() - began, seen
            time.sleep(0.1)
        message = f"{seen} of {wanted} alerts after {LIMIT_S} s"
        raise AssertionError(message)

    def _waiting(self) -> bool:
        return self.table == ALERTS and self._number(LEFT) > 0

    def _number(self, query: str) -> int:
        return int(self.link.execute(query).fetchone()[0])


HEAD = """| alerts | a post | senders | posts/s | until all visible, s | CPU ms an alert | of it | and afterwards |
|---|---|---|---|---|---|---|---|"""
ALERTS, LEFT = "incidents_alert", "SELECT count(*) FROM connectors_delivery WHERE state = 'WAITING'"


def measure(count: int, *, peers: bool) -> None:
    """Print a Markdown table for benchmarks/README.md."""
    with postgres() as database, redis() as broker, tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(Path(folder)).begin(database, broker)
        try:
            pids = {name: one.pid for name, one in receiver.processes.items()}
            print(HEAD)
            with closing(Meter(receiver.hook, pids, database, ALERTS, receiver.shows)) as meter:
                meter.row(Load("distinct", count, 1, 0))
                meter.row(Load("the same again", count, 1, 0))
                meter.row(Load("distinct", count * 5, 1, count, MANY))
                meter.row(Load("the same again", count * 5, 1, count, MANY))
                meter.row(Load("distinct", count * 5, 100, count * 6))
            took = sorted(receiver.seen_after(count * 11 + at) for at in range(SINGLY))
            half, most = (took[int(SINGLY * part)] * 1000 for part in (0.5, 0.99))
            print(f"\nOne after the other, seen after {half:.0f} ms (half), {most:.0f} ms (99 of 100).\n", flush=True)
            if peers:
                print(HEAD)
        finally:
            receiver.stop()
        for peer in (bare(database), alerta(database, Path(folder))) if peers else ():
            with peer as one, closing(Meter(one.hook, {"web": one.pid}, one.database, one.table)) as meter:
                fewer = min(count, MOST_FOR_PEERS)
                meter.row(Load(f"{one.name}, distinct", fewer, 1, 0))
                meter.row(Load(f"{one.name}, the same again", fewer, 1, 0))


def postmaster(cursor: psycopg.Cursor) -> int:
    """The server process above the one that answers us."""
    server = cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
    return int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    measure(numbers[0] if numbers else COUNT, peers="--peers" in sys.argv)
