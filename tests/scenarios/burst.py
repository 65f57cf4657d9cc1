"""A burst of alerts from several connections, with a list of all that was accepted, written as each answer arrives."""

import json
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from benchmarks.senders import group

SENDERS, EACH_SO_MANY, MOST = 4, 6, 140_000
STEP = 50
"""`group` spreads alerts over so many services; these are all about one, so that agents look at one incident."""
REPEATED = 999_950


@dataclass(frozen=True, slots=True)
class Accepted:
    """One 2xx: the id that was answered, and the number of the alert that was sent."""

    uid: str
    number: int


class Burst:
    """Senders that go on until they are stopped; what is refused or breaks off is not sent again and not counted."""

    def __init__(self, hook: str, listed: Path, first: int) -> None:
        self.hook, self.listed = hook, listed
        self.accepted: list[Accepted] = []
        self.broken: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._numbers = iter(range(first, first + MOST, STEP))
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]

    def __enter__(self) -> "Burst":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def reach(self, more: int, limit_s: float = 60) -> None:
        """Wait until so many more were accepted."""
        wanted, deadline = len(self.accepted) + more, time.monotonic() + limit_s
        while len(self.accepted) < wanted:
            assert time.monotonic() < deadline, f"{len(self.accepted)} accepted of {wanted}: {self.broken} {self.wrong}"
            assert any(thread.is_alive() for thread in self._threads), f"all was sent: {self.broken} {self.wrong}"
            time.sleep(0.02)

    def _send(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._over.is_set():
                with self._lock:
                    number = next(self._numbers, None)
                if number is None:
                    return
                self._one(client, REPEATED if number // STEP % EACH_SO_MANY == 0 else number)

    def _one(self, client: httpx.Client, number: int) -> None:
        try:
            answer = client.post(self.hook, content=group(number, 1), headers={"Content-Type": "application/json"})
        except httpx.HTTPError as error:
            self._breaks(type(error).__name__)
            return
        if answer.is_success:
            one = Accepted(answer.json()["delivery_id"], number)
            with self._lock, self.listed.open("a") as listed:
                listed.write(f"{one.uid} {one.number}\n")
                self.accepted.append(one)
        elif answer.status_code >= 500:
            self._breaks(str(answer.status_code))
        else:
            self.wrong.append(f"{answer.status_code} {answer.text[:200]}")

    def _breaks(self, how: str) -> None:
        with self._lock:
            self.broken[how] += 1
        time.sleep(0.2)


def read(listed: Path) -> list[Accepted]:
    """All that was ever accepted."""
    return [Accepted(uid, int(number)) for uid, number in (line.split() for line in listed.read_text().splitlines())]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold: deliveries as (uid, state, alert's number), alerts as (number, count, fingerprint)."""

    deliveries: list[tuple[str, str, int]]
    alerts: list[tuple[int, int, str]]

    @property
    def waiting(self) -> int:
        return sum(1 for _, state, _ in self.deliveries if state == "WAITING")


def look(database: str) -> Stored:
    """Read the tables: a URL of PostgreSQL, or the path of a SQLite file."""
    from_source = "JOIN connectors_source s ON s.id = d.source_id WHERE s.slug = 'burst'"
    asked = (
        f"SELECT d.uid, d.state, d.body FROM connectors_delivery d {from_source}",
        "SELECT title, count, fingerprint FROM incidents_alert WHERE source = 'burst'",
    )
    if "://" in database:
        with psycopg.connect(database) as link:
            rows = [link.execute(sql).fetchall() for sql in asked]
    else:
        link = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)
        rows = [link.execute(sql).fetchall() for sql in asked]
        link.close()
    deliveries = [(uid, state, _number(json.loads(bytes(body)))) for uid, state, body in rows[0]]
    return Stored(deliveries, [(int(title.split()[1]), count, mark) for title, count, mark in rows[1]])


def _number(body: dict) -> int:
    return int(body["alerts"][0]["labels"]["pod"].removeprefix("pod-"))


def check(accepted: list[Accepted], stored: Stored) -> None:
    """Accepted is stored: each once, as it was sent, read, and counted in the alert it belongs to."""
    kept = {uid: number for uid, _, number in stored.deliveries}
    counted = Counter(number for _, _, number in stored.deliveries)
    alerts = {number: count for number, count, _ in stored.alerts}

    assert len({one.uid for one in accepted}) == len(accepted), "one id was answered twice"
    assert len(kept) == len(stored.deliveries), "a delivery is stored twice"
    assert [one for one in accepted if kept.get(one.uid) != one.number] == [], "accepted, and not stored"
    assert [one for one in stored.deliveries if one[1] != "DONE"] == [], "stored, and not read"
    assert len(alerts) == len(stored.alerts), "one alert is there twice"
    assert alerts == dict(counted), "an alert's count is not the number of its deliveries"
