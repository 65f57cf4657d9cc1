"""Whole installations of the product as a person would start them, for promises end to end."""

import itertools
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.with_services import free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
_brokers = itertools.count()
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


class Installation:
    """A running console with its lab.

    Attributes:
        folder: everything it writes lies below it.
        url: where it answers.
        environment: what its commands are started with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.processes: dict[str, subprocess.Popen[Any]] = {}
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {
            "DATA_DIR": str(folder / "data"),
            "EXECUTOR_STATE_DIR": str(folder / "executor"),
            "PUBLIC_URL": self.url,
            "LEASE_S": "5",
        }
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a command of the product beside the running console; its standard output."""
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode != 0:
            message = f"manage.py {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}"
            raise AssertionError(message)
        return done.stdout

    def spawn(self, name: str, *command: str, **extra: str) -> "subprocess.Popen[Any]":
        """Start a process of the installation, its output in a file of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**self.environment, **extra}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.processes[name] = process
        return process

    def authorise(self, handle: str = "operator") -> None:
        """Give the API client a token of this person."""
        token = json.loads(
            self.manage(
                "token",
                "add",
                "--person",
                handle,
                "--json",
                "--scope",
                "incidents:read",
                "incidents:write",
                "approvals:read",
                "approvals:sign",
                "ledger:read",
            )
        )["token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        """A page of the API."""
        answer = self.client.get(f"/api/v1/{path}")
        answer.raise_for_status()
        return answer.json()

    def incidents(self) -> list[dict[str, Any]]:
        """All incidents, newest first."""
        return self.get("incidents/")["results"]

    def incident(self, number: int) -> dict[str, Any]:
        """One incident with its remediation."""
        return self.get(f"incidents/{number}/")

    def wait_for_incident(self, after: int, limit_s: float) -> dict[str, Any]:
        """The first incident newer than the given id."""
        return wait_for(lambda: next((i for i in reversed(self.incidents()) if i["id"] > after), None), limit_s, self)

    def wait_for_state(self, number: int, *states: str, limit_s: float) -> dict[str, Any]:
        """The incident once its remediation has reached one of the states."""

        def reached() -> dict[str, Any] | None:
            incident = self.incident(number)
            return incident if (incident["remediation"] or {}).get("state") in states else None

        return wait_for(reached, limit_s, self)

    def quiet(self, limit_s: float = 60) -> None:
        """Wait until no alert is firing, so that the next fault starts from health."""

        def none_fires() -> bool | None:
            return all(alert["status"] != "firing" for alert in self.get("alerts/")["results"]) or None

        wait_for(none_fires, limit_s, self)

    def tail(self) -> str:
        """The ends of all logs, for a failing test's message."""
        logs = [*self.folder.glob("*.log"), *self.folder.glob("data/*.log"), self.folder / "data" / "lab" / "lab.log"]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in logs if log.exists())

    def stop(self) -> None:
        """Stop what was started, newest first."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process.stdout:
                process.stdout.close()
        self.client.close()


class Embedded(Installation):
    """What `make run` ends in."""

    def start(self, monitor: str = "builtin") -> "Embedded":
        """Start it and wait for the lab."""
        self.environment["LAB_MONITOR"] = monitor
        with (self.folder / "up.err.log").open("ab") as log:
            up = subprocess.Popen(
                [PYTHON, "manage.py", "up", "--json", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.processes["up"] = up
        self.links = json.loads(_line(up, 60, self))["links"]
        self.authorise()
        wait_for_services(self)
        return self


class Production(Installation):
    """PostgreSQL, Redis, separate web, worker, beat and executor processes, real Prometheus and Alertmanager."""

    def prepare_environment(self) -> None:
        """A database of its own, and the folders that docs/deploy.md tells of."""
        self.environment |= {
            "DATABASE_URL": _new_database(os.environ["DATABASE_URL"]),
            "REDIS_URL": _new_broker(os.environ["REDIS_URL"]),
            "SECRET_KEY": secrets.token_urlsafe(40),
            "LAB_DIR": str(self.folder / "data" / "lab"),
        }
        # As docs/deploy.md says: the executor and the policy signer have key folders of their own. Web and workers are
        # told of the folders, as is everybody who reads public halves; under accounts of their own they cannot look in.
        self.environment |= {
            "EXECUTOR_KEY_DIR": str(self.folder / "executor-keys"),
            "POLICY_KEY_DIR": str(self.folder / "policy-keys"),
            "POLICY_SIGNER_SOCKET": str(self.folder / "policy.sock"),
        }

    def start(self, monitor: str = "prometheus") -> "Production":
        """Start all processes as docs/deploy.md says."""
        self.prepare_environment()
        self.manage("prepare")
        for handle in ("operator", "approver"):
            self.manage("person", "add", handle.title(), "--handle", handle, "--role", handle)
        source = json.loads(
            self.manage("source", "add", "alertmanager", "--name", "Lab", "--autonomy", "act", "--json")
        )
        self.start_web()
        self.start_worker()
        self.start_beat()
        self.spawn("signer", PYTHON, "manage.py", "policy-signer")
        self.spawn("executor", PYTHON, "manage.py", "executor")
        hook = source["url"].replace("localhost", "127.0.0.1")
        self.spawn(
            "lab",
            PYTHON,
            "-m",
            "lab",
            "up",
            "--dir",
            self.environment["LAB_DIR"],
            "--webhook",
            hook,
            "--monitor",
            monitor,
        )
        wait_for(lambda: (Path(self.environment["LAB_DIR"]) / "lab.json").exists() or None, 60, self)
        self.manage("lab", "connect")
        self.authorise()
        wait_for_services(self)
        return self

    def start_web(self, python: Sequence[str] = (PYTHON, "-m")) -> None:
        """The web process."""
        asgi = ("uvicorn", "console.asgi:application", "--host", "127.0.0.1", "--ws", "websockets-sansio")
        self.spawn("web", *python, *asgi, "--port", str(self.port), "--lifespan", "off", "--no-access-log")

    def start_worker(self, python: Sequence[str] = (PYTHON, "-m")) -> None:
        """One worker process for all queues."""
        self.spawn(
            "worker", *python, "celery", "-A", "console", "worker", "-l", "warning", "--pool", "threads", "-c", "4"
        )

    def start_beat(self, python: Sequence[str] = (PYTHON, "-m")) -> None:
        """What rings the doorbells."""
        self.spawn("beat", *python, "celery", "-A", "console", "beat", "-l", "warning")


def wait_for(ask: Callable[[], Any], limit_s: float, installation: Installation) -> Any:
    """Ask until there is an answer.

    Raises:
        AssertionError: No answer within the limit; the message holds the ends of the logs.
    """
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except httpx.HTTPError:
            answer = None
        if answer is not None:
            return answer
        time.sleep(0.25)
    try:
        seen = json.dumps(installation.incidents(), indent=1)[:3000]
    except httpx.HTTPError as error:
        seen = str(error)
    message = f"nothing within {limit_s} s\n{seen}\n{installation.tail()}"
    raise AssertionError(message)


def wait_for_services(installation: Installation) -> None:
    """Wait until the lab's services are known and its first scrapes are in."""
    wait_for(lambda: len(installation.get("services/")["results"]) >= 4 or None, 60, installation)
    time.sleep(25)  # a shop that has only just opened has no usual level to compare with


def _line(process: "subprocess.Popen[Any]", limit_s: float, installation: Installation) -> str:
    ready, _, _ = select.select([process.stdout], [], [], limit_s)
    line = process.stdout.readline() if ready and process.stdout else ""
    if not line:
        message = f"the console did not start\n{installation.tail()}"
        raise AssertionError(message)
    return str(line)


def _new_database(url: str) -> str:
    import psycopg

    name = f"cs_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.rsplit("/", 1)[0] + f"/{name}"


def _new_broker(url: str) -> str:
    """An empty database of Redis that no other installation uses meanwhile: it would take our tasks, and we its."""
    import redis

    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ours = f"{url.rsplit('/', 1)[0]}/{1 + worker % 3 * 5 + next(_brokers) % 5}"
    with redis.Redis.from_url(ours) as connection:
        connection.flushdb()
    return ours
