"""Run a command beside a PostgreSQL and a Redis of its own: `with_services.py COMMAND…`. Both end with it."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

LAST_PORT = 32_000  # below the ephemeral range, so that nothing else is handed it


def free_port() -> int:
    """A port that nothing listens on, below the ephemeral range."""
    while True:
        port = 20_000 + secrets.randbelow(LAST_PORT - 20_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@contextmanager
def postgres(*, durable: bool = True):
    """A throw-away PostgreSQL; yields the URL of an empty database.

    One that is not durable waits for no disk. What is to outlive a killed server is tested on servers of its own.
    """
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    user = {}
    if os.geteuid() == 0:  # initdb refuses root
        entry = pwd.getpwnam("postgres")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    common = {"cwd": folder, "stdout": subprocess.DEVNULL, **user}
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "countersign", "-A", "trust", "-E", "UTF8", "--locale", "C"],
        check=True,
        **common,
    )
    arguments = ["-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-c", "max_connections=200"]
    for setting in () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off"):
        arguments += ["-c", setting]
    server = subprocess.Popen(
        [programs / "postgres", *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user
    )
    try:
        wait_for(
            lambda: (
                subprocess.run(
                    [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
                ).returncode
                == 0
            )
        )
        subprocess.run(
            [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "countersign", "countersign"],
            check=True,
            **common,
        )
        yield f"postgresql://countersign@127.0.0.1:{port}/countersign"
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis():
    """A throw-away Redis; yields its URL."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="countersign-redis-")
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(ready, limit_s: float = 30) -> None:
    """Wait until it is ready, or give up."""
    deadline = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > deadline:
            message = "a service did not come up"
            raise SystemExit(message)
        time.sleep(0.1)


def main() -> int:
    """Run the command with DATABASE_URL and REDIS_URL set."""
    with postgres(durable=False) as database_url, redis() as redis_url:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_urlsafe(40),
        }
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
