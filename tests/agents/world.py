"""A shop small enough for tests: a real Git repository, and stand-ins for Prometheus and supervisord on loopback."""

import json
import math
import os
import socket
import subprocess
import threading
import xmlrpc.client
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from connectors.models import Connection
from connectors.secrets import seal
from core import clock
from core.actors import INTAKE, SYSTEM
from incidents.events import AlertEvent, Severity, Status
from incidents.services.fold import fold
from incidents.services.register_service import ServiceEntry, register_service

FACTORS = {
    "restart-service": {
        "data": {"level": "internal", "note": ""},
        "reversibility": {"level": "partial", "note": ""},
        "blast": {"level": "team", "note": ""},
        "compliance": {"level": "audit-logged", "note": ""},
    },
    "rollback-config": {
        "data": {"level": "confidential", "note": ""},
        "reversibility": {"level": "full", "note": ""},
        "blast": {"level": "external", "note": ""},
        "compliance": {"level": "audit-logged", "note": ""},
    },
}
SIGNALS = ("heap", "heap_limit", "oom", "restarts", "error_rate", "requests", "latency")
NUMBERS = {"window_s": 75, "step_s": 1, "verify_hold_s": 0, "verify_timeout_s": 1, "verify_every_s": 1}


def rest(signal):
    """What a healthy service measures."""
    return {
        "heap": lambda t: 60e6 * (1 + 0.01 * math.sin(t * 7)),
        "heap_limit": lambda _t: 256e6,
        "oom": lambda _t: 0.0,
        "restarts": lambda _t: 0.0,
        "error_rate": lambda t: 0.001 + 0.0005 * math.sin(t * 5),
        "requests": lambda t: 20 + math.sin(t * 3),
        "latency": lambda t: 0.05 + 0.002 * math.sin(t * 11),
    }[signal]


class Server:
    """An HTTP server of ours in a thread."""

    def __init__(self, answer):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kind, content = outer.answer(self.path, body)
                self.send_response(200 if kind else 503)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 -- as http.server calls it

            def log_message(self, *_args):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except ConnectionError:  # a client that was killed
                    self.close_connection = True

        self.answer = answer
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class World:
    """The shop and what watches it.

    Attributes:
        measures: (service, signal) to a function of time; None means that nothing is measured.
        down: names of sources that do not answer now.
        methods: what supervisord offers to our account.
        restarts: what was restarted, in order; marks: by key, as the supervisor keeps them.
        stalled: set while a reader is being kept waiting; `release` lets it go.
    """

    def __init__(self, folder: Path):
        self.repository = folder / "config.git"
        self.measures = {}
        self.down = set()
        self.restarts = []
        self.marks = {}
        self.states = {}
        self.methods = ["supervisor.getProcessInfo", "marks.look", "marks.restart"]
        self.stall = False
        self.stalled, self.release = threading.Event(), threading.Event()
        self.before_restart = self.after_restart = lambda: None
        self.began = clock.timestamp()
        self.prometheus = Server(self._prometheus)
        self.supervisor = Server(self._supervisor)

    def stop(self):
        self.release.set()
        self.prometheus.stop()
        self.supervisor.stop()

    # --- Prometheus --------------------------------------------------------------------------------------------------
    def value(self, query, at):
        service, _, signal = query.partition(":")
        measure = self.measures.get((service, signal), rest(signal))
        return measure(at)

    def _prometheus(self, path, _body):
        if self.stall:
            self.stalled.set()
            self.release.wait(30)
        if "prometheus" in self.down:
            return "", b"down"
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if "query_range" in path:
            start, end, step = float(asked["start"]), float(asked["end"]), float(asked["step"])
            moments = [start + step * n for n in range(int((end - start) / step) + 1)]
            points = [[t, str(v)] for t in moments if (v := self.value(asked["query"], t)) is not None]
            data = {"resultType": "matrix", "result": [{"metric": {}, "values": points}] if points else []}
        else:
            now = clock.timestamp()
            v = self.value(asked["query"], now)
            data = {"resultType": "vector", "result": [] if v is None else [{"metric": {}, "value": [now, str(v)]}]}
        return "application/json", json.dumps({"status": "success", "data": data}).encode()

    # --- supervisord -------------------------------------------------------------------------------------------------
    def _supervisor(self, _path, body):
        if "supervisor" in self.down:
            return "", b"down"
        args, method = xmlrpc.client.loads(body)
        answer = {
            "supervisor.getProcessInfo": self._info,
            "supervisor.tailProcessStdoutLog": lambda *_args: ['{"level": "info", "message": "served"}\n', 37, False],
            "system.listMethods": lambda: list(self.methods),
            "marks.look": lambda key: self.marks.get(key, {}),
            "marks.restart": self._restart,
        }[method](*args)
        return "text/xml", xmlrpc.client.dumps((answer,), methodresponse=True).encode()

    def _info(self, process):
        pid = 100 + self.restarts.count(process)
        return {"name": process, "statename": self.states.get(process, "RUNNING"), "pid": pid, "start": pid}

    def _restart(self, process, key):
        if key not in self.marks:
            self.before_restart()
            self.marks[key] = {"process": process, "pid_before": 100 + self.restarts.count(process), "generation": 2}
            self.restarts.append(process)
            self.after_restart()
        return self.marks[key]

    # --- Git ---------------------------------------------------------------------------------------------------------
    def git(self, *arguments, cwd=None, at=None):
        when = {"GIT_AUTHOR_DATE": f"{at:.0f} +0000", "GIT_COMMITTER_DATE": f"{at:.0f} +0000"} if at else {}
        named = {
            f"GIT_{who}_{what}": f"{value}"
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Kim"), ("EMAIL", "kim@shop.invalid"))
        }
        environment = {**os.environ, **named, **when, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.repository, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def make_repository(self):
        self.repository.mkdir(parents=True)
        self.git("init", "-q", "--bare", "-b", "main")
        self.commit("Set the shop up", at=clock.timestamp() - 7200, timeout_ms=800)

    def commit(self, subject, *, at=None, path="payments/config.json", **content):
        clone = self.repository.parent / f"clone-{os.urandom(4).hex()}"
        self.git("clone", "-q", str(self.repository), str(clone), cwd=self.repository.parent)
        file = clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content) + "\n")
        self.git("add", ".", cwd=clone)
        self.git("commit", "-q", "-m", subject, cwd=clone, at=at or clock.timestamp())
        self.git("push", "-q", "origin", "HEAD:main", cwd=clone)
        return self.git("rev-parse", "HEAD", cwd=clone)

    def config(self):
        return json.loads(self.git("show", "main:payments/config.json"))

    def log(self):
        return self.git("log", "--format=%s", "main").splitlines()

    # --- faults ------------------------------------------------------------------------------------------------------
    def break_config(self, *, curable=True):
        """A commit raised payments' errors a few seconds ago; they are there while it is."""
        since = clock.timestamp() - 14
        sha = self.commit("Tighten acquirer timeout", at=since - 3, timeout_ms=25)

        def errors(t):
            if t < since:
                return 0.001 + 0.0005 * math.sin(t * 5)
            recent = t > clock.timestamp() - 2
            cured = recent and curable and self.config()["timeout_ms"] > 25
            return 0.001 if cured else 0.06 + 0.01 * math.sin(t * 5)

        self.measures["payments", "error_rate"] = errors
        return sha

    def leak(self, *, curable=True):
        """checkout's heap rose in a line for a minute and ran out just now."""
        now = clock.timestamp()

        def heap(t):
            if curable and self.restarts and t > clock.timestamp() - 2:
                return 60e6
            return 60e6 + max(0.0, t - (now - 75)) * 1.5e6 * (1 + 0.005 * math.sin(t * 9))

        self.measures["checkout", "heap"] = heap
        self.measures["checkout", "oom"] = lambda t: 1.0 if t > now - 4 else 0.0


def connect(world):
    """What the console knows of the shop."""
    Connection.objects.create(
        kind="prometheus",
        name="lab-prometheus",
        environment="lab",
        config={"url": world.prometheus.url, "timeout_s": 5, "parameters": NUMBERS},
    )
    Connection.objects.create(
        kind="supervisor",
        name="lab-supervisor",
        environment="lab",
        config={"url": world.supervisor.url, "timeout_s": 5},
        secret=seal({}),
    )
    Connection.objects.create(
        kind="git", name="lab-git", environment="lab", config={"path": str(world.repository), "branch": "main"}
    )
    calls = {"gateway": ["checkout"], "checkout": ["payments", "inventory"], "payments": [], "inventory": []}
    for slug, callees in calls.items():
        register_service(
            ServiceEntry(
                slug=slug,
                name=slug.capitalize(),
                environment="lab",
                autonomy="act",
                stateless=slug != "payments",
                factors=FACTORS,
                targets={"supervisor": slug, "config_path": f"{slug}/config.json"},
                signals={signal: f"{slug}:{signal}" for signal in SIGNALS},
                depends_on=tuple(callees),
            ),
            actor=SYSTEM,
        )


def fire(service, *, title="It hurts", autonomy="act", status=Status.FIRING, fingerprint="1"):
    """An alert comes in; returns its incident."""
    now = clock.now()
    event = AlertEvent(
        event_id=os.urandom(8).hex(),
        delivery_id="d1",
        source="monitor",
        fingerprint=f"v1:{service}-{fingerprint}",
        status=status,
        severity=Severity.CRITICAL,
        title=title,
        at=now,
        received_at=now,
        service=service,
        environment="lab",
        starts_at=now - timedelta(seconds=5),
    )
    return fold(event, source_autonomy=autonomy, actor=INTAKE).incident


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
