"""Installations whose processes are killed and come back, as under a process manager."""

import itertools
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.scenarios import burst
from tests.scenarios.installations import PYTHON, ROOT, Installation
from tests.with_services import free_port

RESTART_S = 0.3


def documented(word: str) -> list[str]:
    """The command of docs/deploy.md that starts this process, as a person would copy it."""
    page = (ROOT / "docs" / "deploy.md").read_text().partition("## Processes")[2].replace("\\\n", " ")
    line = next(line for line in page.splitlines() if re.search(rf"\b{word}\b", line.partition("#")[0]))
    command = shlex.split(line, comments=True)
    return [PYTHON if part.endswith("/python") else part for part in command]


class Supervised(Installation):
    """Starts whatever died again, after a moment, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.commands: dict[str, tuple[list[str], dict[str, Any]]] = {}
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._go_round, daemon=True)
        self._bursts = itertools.count(0, burst.MOST)
        self.listed = folder / "accepted"

    def keep(self, name: str, command: list[str], **how: Any) -> None:
        """Start a process, and start it again whenever it ends."""
        self.commands[name] = (command, how)
        self._launch(name)

    def kill(self, name: str) -> None:
        """End a process as no process can prepare for."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def burst(self) -> burst.Burst:
        """A burst of alerts that nobody has sent yet."""
        return burst.Burst(self.hook, self.listed, next(self._bursts))

    def add_source(self) -> None:
        made = json.loads(self.manage("source", "add", "alertmanager", "--name", "Burst", "--json"))
        self.hook = made["url"].replace("localhost", "127.0.0.1")

    def add_operator(self) -> None:
        self.manage("person", "add", "Operator", "--handle", "operator", "--role", "operator")
        self.authorise()

    def at_once(self, *deeds: Callable[[], None]) -> None:
        """Run commands beside each other; each starts a Python of its own."""
        with ThreadPoolExecutor() as threads:
            for done in [threads.submit(deed) for deed in deeds]:
                done.result()

    def wait(self, ready: Any, what: str, limit_s: float = 60) -> float:
        """Ask until it is so; returns how long it took."""
        began = time.monotonic()
        while not ready():
            assert time.monotonic() - began < limit_s, f"{what}: not within {limit_s} s\n{self.tail()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def answers(self) -> bool:
        """Whether the web server is there."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self._over.set()
        if self._watch.is_alive():
            self._watch.join(10)
        for process in reversed(list(self.processes.values())):
            process.kill()
            process.wait()
        self.client.close()

    def _launch(self, name: str) -> None:
        command, how = self.commands[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                **{"cwd": ROOT, "env": self.environment, **how},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _go_round(self) -> None:
        while not self._over.wait(RESTART_S):
            for name in self.commands:
                if self.processes[name].poll() is not None and not self._over.is_set():
                    self._launch(name)


class EmbeddedAlone(Supervised):
    """`./manage.py up` without the lab: one process, SQLite."""

    def start(self) -> "EmbeddedAlone":
        self.keep("up", [PYTHON, "manage.py", "up", "--no-lab", "--json", "--port", str(self.port)])
        self.wait(self.answers, "the console")
        self.database = str(next((self.folder / "data").glob("*.sqlite3")))
        self.at_once(self.add_source, self.authorise)
        self._watch.start()
        return self


class ProductionAlone(Supervised):
    """Web, worker and beat as docs/deploy.md starts them, on a PostgreSQL with fsync and a Redis of their own."""

    def start(self) -> "ProductionAlone":
        self.postgres = OwnPostgres()
        ports = {"redis": free_port()}
        self.keep("redis", ["redis-server", "--port", str(ports["redis"]), "--bind", "127.0.0.1", "--save", ""])
        self.keep("postgres", self.postgres.command, **self.postgres.how)
        self.wait(self.postgres.answers, "PostgreSQL")
        self.database = self.postgres.url
        self.environment |= {
            "DATABASE_URL": self.database,
            "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
            "SECRET_KEY": secrets.token_urlsafe(40),
        }
        self.manage("prepare")
        web = documented("uvicorn")
        web[web.index("--port") + 1] = str(self.port)
        for name, command in (("web", web), ("worker", documented("worker")), ("beat", documented("beat"))):
            self.keep(name, command)
        self.at_once(self.add_source, self.add_operator)
        self.wait(self.answers, "the web server")
        self._watch.start()
        return self

    def stop(self) -> None:
        super().stop()
        if hasattr(self, "postgres"):
            shutil.rmtree(self.postgres.folder, ignore_errors=True)


class OwnPostgres:
    """A PostgreSQL whose processes may be killed."""

    def __init__(self) -> None:
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="countersign-pg-")), free_port()
        self.how: dict[str, Any] = {"cwd": self.folder, "env": None}
        if os.geteuid() == 0:  # initdb refuses root
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.how |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        data = str(self.folder / "data")
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "countersign", "-A", "trust", "-E", "UTF8", "--locale", "C"],
            check=True, stdout=subprocess.DEVNULL, **self.how,
        )  # fmt: skip
        listening = ["-p", str(self.port), "-k", str(self.folder), "-h", "127.0.0.1"]
        self.command = [str(programs / "postgres"), "-D", data, *listening, "-c", "fsync=on"]
        self.url = f"postgresql://countersign@127.0.0.1:{self.port}/postgres"

    def answers(self) -> bool:
        """Whether it takes connections."""
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill_a_backend(self) -> None:
        """Kill the process behind a connection of the application; the server ends all the others, and recovers."""
        import psycopg

        asked = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as link:
            pids = link.execute(f"{asked} ORDER BY state = 'active' DESC, query_start DESC").fetchall()
            os.kill(pids[0][0], signal.SIGKILL)
            while True:  # until the server has noticed, and ends our own connection too
                link.execute("SELECT 1")
