"""Labs as real processes, and a receiver of webhooks."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import supervision

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until a condition is true; returns the seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen within {seconds} s")


class Receiver:
    """Accepts webhooks on a free port; answers 503 as often as told first."""

    def __init__(self) -> None:
        self.messages: list[dict] = []
        self.refuse = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if receiver.refuse > 0:
                    receiver.refuse -= 1
                    self.send_response(503)
                else:
                    receiver.messages.append(body)
                    self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/alertmanager/t"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def about(self, alertname: str, service: str, status: str) -> list[dict]:
        """The messages of a group in a state."""
        group = {"alertname": alertname, "service": service}
        return [m for m in self.messages if m["groupLabels"] == group and m["status"] == status]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class RunningLab:
    """`python -m lab up` as a child of the test."""

    def __init__(self, root: Path, webhook: str, monitor: str) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.output = (root / "up.out").open("a+")
        command = [sys.executable, "-m", "lab", "up", "--dir", str(root), "--webhook", webhook, "--monitor", monitor]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self.output, stderr=subprocess.STDOUT)
        self.started_in = wait_for(self._is_ready, 60, "the start of the lab")
        self.facts = json.loads((root / "lab.json").read_text())
        access = self.facts["supervisor"]
        self.supervisor = supervision.connect(access["url"], access["user"], access["password"])

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, (self.root / "up.out").read_text()
        path = self.root / "lab.json"
        return path.exists() and json.loads(path.read_text())["pid"] == self.process.pid

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the lab."""
        command = [sys.executable, "-m", "lab", *arguments, "--dir", str(self.root)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    def status(self) -> dict:
        done = self.run("status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def figure(self, service: str, name: str) -> float:
        return self.status()["services"][service][name] or 0.0

    def processes(self) -> dict[str, int]:
        """Process ids by name."""
        return {p["name"]: p["pid"] for p in self.supervisor.supervisor.getAllProcessInfo()}

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self.supervisor("close")()
        self.output.close()


def lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def started_in(root: Path) -> list[int]:
    """All processes whose environment or command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(root).encode() in text and lives(int(entry.name)):
            found.append(int(entry.name))
    return found
