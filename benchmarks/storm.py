"""A storm: 100,000 alerts of 1,000 services, and people who approve meanwhile.

PostgreSQL and Redis, one web and one worker process, ledger on. While the storm is posted and read, people send
decisions that were signed before, one after the other, and a page of alerts is asked for after each. Bounded in count,
loopback only. `python benchmarks/storm.py [ALERTS]`.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import LEFT, Receiver
from benchmarks.senders import post_all
from tests.scenarios.installations import PYTHON
from tests.with_services import postgres, redis

ALERTS, SERVICES, PER_POST, AT_ONCE = 100_000, 1_000, 20, 8
PAUSE_S = 0.5
LIMIT_S = 1_200


class Storm:
    """A storm in a thread: when it was posted, and when all of it could be read."""

    def __init__(self, hook: str, database: str, alerts: int) -> None:
        self.hook, self.database, self.alerts = hook, database, alerts
        self.posted_s = self.read_s = 0.0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        began = time.perf_counter()
        post_all(self.hook, self.alerts, PER_POST, 0, AT_ONCE, SERVICES)
        self.posted_s = time.perf_counter() - began
        with psycopg.connect(self.database, autocommit=True) as link:
            while time.perf_counter() - began < LIMIT_S:
                if link.execute(LEFT).fetchone()[0] == 0:
                    self.read_s = time.perf_counter() - began
                    return
                time.sleep(0.5)


def decide(url: str, decisions: list[dict[str, Any]], storm: Storm) -> tuple[Counter[int], list[float], list[float]]:
    """Send decisions until the storm is over: their answers, and seconds of each and of a page of alerts."""
    statuses: Counter[int] = Counter()
    decided, listed = [], []
    with httpx.Client(base_url=url, timeout=30) as client:
        for one in decisions:
            if not storm.thread.is_alive():
                break
            named = {"Authorization": f"Bearer {one['token']}"}
            said = {"sidecar": one["sidecar"], "comment": one["comment"]}
            began = time.perf_counter()
            answer = client.post(f"/api/v1/approval-requests/{one['request']}/decisions/", json=said, headers=named)
            decided.append(time.perf_counter() - began)
            statuses[answer.status_code] += 1
            began = time.perf_counter()
            client.get(f"/api/v1/approval-requests/{one['request']}/", headers=named).raise_for_status()
            listed.append(time.perf_counter() - began)
            time.sleep(PAUSE_S)
    return statuses, decided, listed


def told(name: str, seconds: list[float]) -> str:
    """A row of the table."""
    ordered = sorted(seconds)
    parts = [ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.95, 1)]
    return f"| {name}, {len(ordered)} | " + " | ".join(f"{part:.0f}" for part in parts) + " |"


def main() -> None:
    """Print what came of it, for benchmarks/README.md."""
    alerts = int(sys.argv[1]) if len(sys.argv) > 1 else ALERTS
    with postgres() as database, redis() as broker, tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(Path(folder)).begin(database, broker)
        try:
            named = receiver.environment | {"DJANGO_SETTINGS_MODULE": "console.settings"}
            command = [PYTHON, "-m", "tests.scenarios.storm", "make"]
            made = subprocess.run(command, cwd=ROOT, env=named, capture_output=True, text=True, check=True)
            storm = Storm(receiver.hook, database, alerts)
            url = f"http://127.0.0.1:{receiver.port}"
            statuses, decided, listed = decide(url, json.loads(made.stdout)["decisions"], storm)
            storm.thread.join()
            with psycopg.connect(database) as link:
                seen = link.execute("SELECT count(*) FROM incidents_alert").fetchone()[0]
                cases = link.execute("SELECT count(*), max(storm_count) FROM incidents_incident").fetchone()
            print(f"{seen:,} of {alerts:,} alerts can be read; {cases[0]:,} incidents, a storm of {cases[1]:,}.")
            print(f"Posted in {storm.posted_s:.0f} s, {PER_POST} a post; all read after {storm.read_s:.0f} s.")
            print(f"Answers to decisions: {dict(statuses)}.")
            print("| meanwhile | p50 ms | p95 ms | longest ms |\n|---|---|---|---|")
            print(told("a signed decision answered", decided))
            print(told("a request for approval shown", listed))
        finally:
            receiver.stop()


if __name__ == "__main__":
    main()
