"""What receives alerts besides us, started for `ingest.py` to measure in the same run: a bare view, and Alerta.

Alerta comes from PyPI into a virtual environment below the folder given, with gunicorn as its documentation runs it:
https://docs.alerta.io/deployment.html . Nothing of it is installed for the product or its tests.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from tests.with_services import free_port

ROOT = Path(__file__).resolve().parents[1]
ALERTA = ("alerta-server==9.1.0", "gunicorn==27.0.1", "psycopg2-binary==2.9.13", "setuptools<81")


@dataclass(frozen=True, slots=True)
class Peer:
    """A receiver that runs: where it takes alerts, its process, its database and the table of its alerts."""

    name: str
    hook: str
    pid: int
    database: str
    table: str


@contextmanager
def bare(database: str) -> Iterator[Peer]:
    """The bare view, in a database of its own."""
    port, url = free_port(), _database(database, "bare")
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:application", "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    with _running(command, {"DATABASE_URL": url}, f"http://127.0.0.1:{port}/healthz") as pid:
        yield Peer("a bare view, one row a commit", f"http://127.0.0.1:{port}/hook", pid, url, "bare_alert")


@contextmanager
def alerta(database: str, folder: Path) -> Iterator[Peer]:
    """Alerta, in a virtual environment and a database of its own."""
    subprocess.run([sys.executable, "-m", "venv", folder / "alerta"], check=True)
    pip = [folder / "alerta" / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *ALERTA]
    subprocess.run(pip, check=True)
    port, url = free_port(), _database(database, "alerta")
    python = str(folder / "alerta" / "bin" / "python")
    command = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "alerta:create_app()"]
    named = {"DATABASE_URL": url, "SECRET_KEY": "x" * 50, "ALERTA_SVR_CONF_FILE": os.devnull}
    base = f"http://127.0.0.1:{port}"
    with _running(command, named, f"{base}/management/healthcheck") as pid:
        yield Peer("Alerta 9.1.0", f"{base}/webhooks/prometheus", pid, url, "alerts")


def _database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")  # one of two names above
    return url.rsplit("/", 1)[0] + f"/{name}"


@contextmanager
def _running(command: list[str], named: dict[str, str], url: str) -> Iterator[int]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(command, cwd=ROOT, env=kept | named, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(url, timeout=2).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        else:
            message = f"{command[2]} did not start"
            raise RuntimeError(message)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)
