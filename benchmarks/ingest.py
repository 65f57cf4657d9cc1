"""CPU that an alert costs until it can be read, on PostgreSQL and Redis with separate processes, ledger on.

The baseline in the same run is one durable row a request through the same server: what no receiver can go below.
Bounded in count, loopback only. `python benchmarks/ingest.py [COUNT]`.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.senders import post_all
from tests.scenarios.installations import PYTHON, Production
from tests.with_services import postgres, redis

COUNT = 2_000
AT_ONCE = 8
LIMIT_S = 300


class Receiver(Production):
    """The processes that take alerts in: web and worker, no lab, no executor."""

    def begin(self) -> "Receiver":
        """Start them and make an endpoint."""
        self.environment |= {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
        self.environment["SECRET_KEY"] = "x" * 50
        self.manage("prepare")
        told = json.loads(self.manage("source", "add", "alertmanager", "--name", "Bench", "--json"))
        self.hook = told["url"].replace("localhost", "127.0.0.1")
        asgi = ("-m", "uvicorn", "console.asgi:application", "--host", "127.0.0.1", "--port", str(self.port))
        self.spawn("web", PYTHON, *asgi, "--lifespan", "off", "--no-access-log")
        self.start_worker()
        self.spawn("beat", PYTHON, "-m", "celery", "-A", "console", "beat", "-l", "warning")
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return self
        raise AssertionError(self.tail())


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


def wait_until(cursor: psycopg.Cursor, wanted: int) -> float:
    """Seconds until so many alerts can be read and nothing waits."""
    began = time.perf_counter()
    while time.perf_counter() - began < LIMIT_S:
        cursor.execute("SELECT count(*) FROM incidents_alert")
        alerts = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM connectors_delivery WHERE state = 'WAITING'")
        if alerts >= wanted and cursor.fetchone()[0] == 0:
            return time.perf_counter() - began
        time.sleep(0.2)
    message = f"{alerts} of {wanted} alerts after {LIMIT_S} s"
    raise AssertionError(message)


HEAD = """| alerts | a post | posts/s | until all visible, s | CPU ms an alert | of it |
|---|---|---|---|---|---|"""


def measure(count: int) -> None:
    """Print a Markdown table for benchmarks/README.md."""
    with postgres() as database, redis() as broker, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": database, "REDIS_URL": broker}
        receiver = Receiver(Path(folder)).begin()
        try:
            with psycopg.connect(database, autocommit=True) as link, link.cursor() as cursor:
                pids = {name: one.pid for name, one in receiver.processes.items()} | {"postgres": postmaster(cursor)}
                print(HEAD)
                for told, alerts, per_post, first, wanted in (
                    ("distinct", count, 1, 0, count),
                    ("the same again", count, 1, 0, count),
                    ("distinct", count * 5, 100, count, count * 6),
                ):
                    before = {name: cpu_of(pid) for name, pid in pids.items()}
                    rate = post_all(receiver.hook, alerts, per_post, first, AT_ONCE)
                    late = wait_until(cursor, wanted)
                    spent = {name: (cpu_of(pid) - before[name]) * 1000 / alerts for name, pid in pids.items()}
                    parts = ", ".join(f"{name} {value:.2f}" for name, value in spent.items())
                    cost = f"{sum(spent.values()):.2f} | {parts}"
                    print(f"| {told}, {alerts} | {per_post} | {rate:.0f} | {late:.1f} | {cost} |", flush=True)
        finally:
            receiver.stop()


def postmaster(cursor: psycopg.Cursor) -> int:
    """The server process above the one that answers us."""
    server = cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
    return int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
