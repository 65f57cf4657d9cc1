"""A console's ledger on a PostgreSQL of its own, driven by real processes that can be stopped, copied and restored."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.with_services import postgres

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path())
SETUP = """
import django, os, sys, time
django.setup()
from django.db import connection, transaction
from audit import ledger, signer
from audit.models import *
from audit.services.sequence import sequence, sequence_all
from core.actors import SYSTEM
import audit.services.sequence as sequencing
import core.doorbell
core.doorbell._send = lambda *_: None
sequencing.TAKEOVER_S = 2

def note(number):
    with transaction.atomic():
        ledger.append(actor=SYSTEM, verb="test.noted", subject=f"test:{number}")
"""


class Installation:
    """One DATA_DIR and one database, on which programs run as processes of their own."""

    def __init__(self, data: Path, url: str) -> None:
        self.data, self.url = data, url

    @property
    def environment(self) -> dict[str, str]:
        """What the processes get to know."""
        return {
            **os.environ,
            "DATA_DIR": str(self.data),
            "EXECUTOR_STATE_DIR": str(self.data / "executor"),
            "DATABASE_URL": self.url,
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "PYTHONPATH": str(ROOT),
        }

    def start(self, code: str) -> subprocess.Popen[str]:
        """Start a program; it has note(), sequence() and the models at hand."""
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SETUP + code],
            env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, code: str, *, fails: bool = False) -> str:
        """Run a program to its end, and return what it printed; what it complained of, if it is to fail."""
        process = self.start(code)
        out, complaint = process.communicate(timeout=90)
        assert (process.returncode != 0) is fails, complaint
        return complaint if fails else out

    def manage(self, *arguments: str) -> tuple[int, str]:
        """Run ./manage.py: exit code and all it said."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", arguments[0], "--skip-checks", *arguments[1:]],
            env=self.environment, cwd=ROOT, text=True, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def migrate(self) -> "Installation":
        """Make the tables of the ledger, guards included."""
        code, said = self.manage("migrate", "audit", "-v0")
        assert code == 0, said
        return self

    def sql(self, *statements: str, user: str = "countersign") -> str:
        """What a superuser does by hand; of a query, the rows as text."""
        done = self.psql(*statements, user=user)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def psql(self, *statements: str, user: str = "countersign") -> subprocess.CompletedProcess[str]:
        """The same, whether or not it succeeds."""
        commands = [part for statement in statements for part in ("-c", statement)]
        url = self.url.replace("//countersign@", f"//{user}@")
        return subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *commands, url],
            text=True, capture_output=True, check=False,
        )  # fmt: skip

    def dump(self) -> str:
        """The whole database, as pg_dump writes it."""
        done = subprocess.run([PROGRAMS / "pg_dump", self.url], text=True, capture_output=True, check=True)
        return done.stdout

    def restore(self, dump: str) -> None:
        """Put a dump into this database, which is empty or emptied for it."""
        self.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url],
            input=dump, text=True, capture_output=True, check=True,
        )  # fmt: skip


def stopped_at(process: subprocess.Popen[str], mark: str) -> None:
    """Wait until the program says that it is there, then stop it (SIGSTOP), as a hung machine would."""
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    if said != mark:
        process.kill()
        raise AssertionError(process.communicate())
    process.send_signal(signal.SIGSTOP)


def woken(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Let it go on (SIGCONT): exit code, and what it complained of."""
    process.send_signal(signal.SIGCONT)
    _, complaint = process.communicate(timeout=60)
    return process.returncode, complaint


__all__ = ["PROGRAMS", "Installation", "postgres", "stopped_at", "woken"]
