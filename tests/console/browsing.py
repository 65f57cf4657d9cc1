"""A console of its own, seeded, and a Chromium to look at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "tests" / "console" / "seed.py"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
WIDE = {"width": 1440, "height": 900}
VIRTUAL_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


MOST_S = 240.0


@contextmanager
def chromium(most_s: float = MOST_S):
    """A Chromium of one's own for as long as it is needed, and no longer than `most_s`.

    It is ended from outside, and nothing in it is ever asked to close: of some twenty closings of a context with a
    passkey one never ends (Chromium 156, idle then), and Playwright waits for it without end. Whatever still waits for
    a browser that is ended raises: a test fails and says where, and the run goes on.
    """
    mark = f"--countersign-test={uuid.uuid4().hex}"  # no switch that it knows; by it the process is found
    end = partial(subprocess.run, ["pkill", "-KILL", "-f", "--", mark], check=False)
    with sync_playwright() as playwright:
        killer = threading.Timer(most_s, end)
        killer.start()
        try:
            yield playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*ARGUMENTS, mark])
        finally:
            killer.cancel()
            end()


HELD: list[socket.socket] = []
"""Ports that were given out: between a look and a start another process could take them, and its pages be tested."""


class Seeded:
    """Data that was seeded once, and the address that it was seeded for."""

    def __init__(self, folder: Path, *words: str, port_from: int = 0) -> None:
        self.folder = folder
        self.port = free_port(port_from)
        self.url = f"http://localhost:{self.port}"
        run_seed(self.environment(folder), *words)

    def environment(self, folder: Path) -> dict[str, str]:
        """What a program needs to work on a copy of it."""
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        own = {"DATA_DIR": str(folder / "data"), "EXECUTOR_STATE_DIR": str(folder / "state")}
        return {**kept, **own, "PUBLIC_URL": self.url, "PYTHONPATH": str(ROOT)}


def run_seed(environment: dict[str, str], *words: str) -> str:
    """Run the seed script."""
    command = [sys.executable, str(SEED), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Console:
    """The web server in a process of its own; no worker, so that what was seeded stays as it is."""

    def __init__(self, seeded: Seeded, folder: Path) -> None:
        shutil.copytree(seeded.folder, folder, dirs_exist_ok=True)
        self.url = seeded.url
        self.environment = seeded.environment(folder)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "console.asgi:application", "--port", str(seeded.port)),
                *("--ws", "websockets-sansio", "--lifespan", "off", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env=self.environment,
        )
        wait_for(seeded.port)

    def seed(self, *words: str) -> str:
        """Run the seed script on this console's data."""
        return run_seed(self.environment, *words)

    def python(self, code: str) -> str:
        """Run a few lines in a program of its own on this console's data, as its operator could; what it prints."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        own = {"DJANGO_SETTINGS_MODULE": "console.settings"}
        done = subprocess.run(
            command, cwd=ROOT, env={**self.environment, **own}, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def freeze(self) -> None:
        """Make it fall silent, as a dead network would."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self.thaw()
        self.process.terminate()
        self.process.wait(10)


def wait_for(port: int) -> None:
    """Until a web server answers there."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the console did not start")


def free_port(port_from: int = 0) -> int:
    """A free port below the ephemeral range, kept from all others that look for one as long as this process lives."""
    for port in range(port_from or 21_000 + os.getpid() % 5_000, 32_000):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        # Servers ask to share an address that nobody listens on; whoever looks for a free one, as above, does not.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        HELD.append(held)
        return port
    raise RuntimeError("no free port")


def enrol(page, label="Laptop passkey"):
    """Enrol the page's passkey for signing."""
    page.goto("/keys/")
    page.fill("#label", label)
    page.click("#enrol-go")
    expect(page.locator("#mine")).to_contain_text(label)


def read_all(page):
    """Read the signing page to its end, until it lets one sign."""
    expect(page.locator("#words span")).to_have_count(6)
    for _ in range(20):
        if not page.locator("#read-on").is_visible():
            return
        page.click("#read-on")
        page.wait_for_timeout(200)
