"""200 decisions on 20 requests, each sent twice, in any order, while the web processes are killed under them."""

import json
import os
import queue
import random
import secrets
import subprocess
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack

import httpx
import pytest

from tests.scenarios.conftest import running
from tests.scenarios.installations import PYTHON, ROOT, Installation, _new_database, wait_for
from tests.scenarios.storm import EXPECTED
from tests.with_services import free_port

pytestmark = pytest.mark.scenario

CLIENTS, LIMIT_S = 16, 60.0


class Storm(Installation):
    """PostgreSQL and two web processes; whoever dies is started again by whoever killed it."""

    def start(self) -> "Storm":
        self.environment |= {
            "DATABASE_URL": _new_database(os.environ["DATABASE_URL"]),
            "REDIS_URL": os.environ["REDIS_URL"],
            "SECRET_KEY": secrets.token_urlsafe(40),
            "DJANGO_SETTINGS_MODULE": "console.settings",
        }
        self.manage("prepare")
        self.world = self.ask("make")
        self.ports = [self.port, free_port()]
        for index in range(2):
            self.web(index)
        for port in self.ports:
            wait_for(lambda port=port: _answers(port) or None, 60, self)
        return self

    def ask(self, what: str) -> dict:
        command = [PYTHON, "-m", "tests.scenarios.storm", what]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def web(self, index: int) -> None:
        asgi = ("-m", "uvicorn", "console.asgi:application", "--host", "127.0.0.1", "--lifespan", "off")
        self.spawn(f"web{index}", PYTHON, *asgi, "--port", str(self.ports[index]), "--no-access-log")

    def kill(self, index: int) -> None:
        process = self.processes[f"web{index}"]
        process.kill()
        process.wait()
        self.web(index)


@pytest.fixture
def storm(tmp_path):
    with running(Storm(tmp_path), needs_services=True) as installation:
        yield installation


def test_every_request_ends_as_its_signatures_say_none_lost_none_counted_twice(storm):
    decisions = storm.world["decisions"]
    assert (len(storm.world["requests"]), len(decisions)) == (20, 200)
    waiting: queue.Queue = queue.Queue()
    for one in random.sample(decisions * 2, len(decisions) * 2):
        waiting.put(one)
    answers, deadline = defaultdict(list), time.monotonic() + LIMIT_S

    threads = [threading.Thread(target=send, args=(storm, waiting, answers, deadline)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for index, left in ((0, 280), (1, 140)):
        while waiting.qsize() > left and time.monotonic() < deadline:
            time.sleep(0.02)
        storm.kill(index)
    for thread in threads:
        thread.join()

    assert Counter(len(found) for found in answers.values()) == {2: 200}, "not every decision was answered in time"
    check(storm.world, answers, storm.ask("look"))


def send(storm, waiting, answers, deadline) -> None:
    """Send what waits until it is answered; a web process that dies is an answer that has yet to come."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)) for port in storm.ports
        ]
        while time.monotonic() < deadline:
            try:
                one = waiting.get_nowait()
            except queue.Empty:
                return
            answers[one["statement"]] += insist(clients, one, deadline)


def insist(clients, one, deadline) -> list[int]:
    """Send one until somebody answers it."""
    while time.monotonic() < deadline:
        status = post(random.choice(clients), one)
        if status is not None:
            return [status]
        time.sleep(0.1)
    return []


def post(client, one) -> int | None:
    try:
        answer = client.post(
            f"/api/v1/approval-requests/{one['request']}/decisions/",
            json={"sidecar": one["sidecar"], "comment": one["comment"]},
            headers={"Authorization": f"Bearer {one['token']}"},
        )
    except httpx.HTTPError:
        return None
    return answer.status_code if answer.status_code < 500 else None


def check(world, answers, found) -> None:
    """The rows, the ledger, the shared rule and the answers that people got must all say the same."""
    by_request = defaultdict(list)
    for one in world["decisions"]:
        by_request[str(one["request"])].append(one)
    for number, kind in world["requests"].items():
        after, given = found[number], by_request[number]
        taken = sorted(one["statement"] for one in given if 201 in answers[one["statement"]])
        refused = [one["statement"] for one in given if 201 not in answers[one["statement"]]]

        assert after["state"] == after["judged"] == EXPECTED[kind], (kind, after)
        assert after["rows"] == after["entries"] == taken, "what was taken is recorded, once, and nothing else is"
        assert all(set(answers[statement]) == {409} for statement in refused)
        assert len({person for person, _, _ in after["counted"]}) == len(after["counted"])
        settling = [move for move in after["moves"] if move != "request.opened"]
        assert len(settling) == len(set(settling)), "nothing is settled twice"
        if kind == "short":
            assert len(taken) == 10
        if kind == "granted":
            assert after["verdicts"] == ["approve"] * 3


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
