"""An installation in production that is connected to ServiceNow, which runs in a process of its own.

`python -m tests.scenarios.snow make INSTANCE_URL KEY.pub` makes people, sources and the connection, and prints them.
"""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg

from lab.servicenow.instance import INTEGRATION, PASSWORD
from tests.scenarios.installations import PYTHON, ROOT, Production, wait_for
from tests.with_services import free_port

GROUP = "5e" * 16
WARM_S = 10
"""A shop that has only just opened has no usual level to compare with."""
SCOPES = ["incidents:read", "incidents:write", "approvals:read", "approvals:sign", "ledger:read"]


class Snow(Production):
    """Web, worker, beat, signer and executor, the lab, and a ServiceNow with business rules that post."""

    def start(self, monitor: str = "builtin") -> "Snow":
        """Start everything; the shop goes on warming up meanwhile."""
        self.snow_port = free_port()
        self.snow = httpx.Client(base_url=f"http://127.0.0.1:{self.snow_port}", timeout=10)
        self.heard = Bell()
        self.prepare_environment()
        self.key = self.folder / "id_ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self.made = self.ask("make", f"http://127.0.0.1:{self.snow_port}", f"{self.key}.pub")
        self.client.headers["Authorization"] = f"Bearer {self.made['token']}"
        self.start_snow()
        self.start_web()
        self.start_worker()
        self.start_beat()
        self.spawn("signer", PYTHON, "manage.py", "policy-signer")
        self.spawn("executor", PYTHON, "manage.py", "executor")
        lab = (PYTHON, "-m", "lab", "up", "--dir", self.environment["LAB_DIR"], "--monitor", monitor)
        self.spawn("lab", *lab, "--webhook", self.heard.url)
        wait_for(lambda: (Path(self.environment["LAB_DIR"]) / "lab.json").exists() or None, 60, self)
        self.opened_at = time.monotonic()
        self.manage("lab", "connect")
        wait_for(lambda: len(self.get("services/")["results"]) >= 4 or None, 60, self)
        return self

    def warm(self) -> None:
        """Wait for what is left until the shop has a usual level."""
        time.sleep(max(0.0, WARM_S - (time.monotonic() - self.opened_at)))

    def break_shop(self) -> None:
        """A bad configuration goes out."""
        self.warm()
        command = (PYTHON, "-m", "lab", "break", "bad-config", "--dir", self.environment["LAB_DIR"])
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)

    def sign(self, request_id: int) -> None:
        """The approver signs, with the key in their file."""
        there = ("--url", f"http://127.0.0.1:{self.port}", "--token", self.made["approver_token"])
        self.manage("approve", str(request_id), "--ssh-key", str(self.key), *there)

    def ask(self, *what: str) -> Any:
        command = [PYTHON, "-m", "tests.scenarios.snow", *what]
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "console.settings"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start_snow(self) -> None:
        """Start it, or start it again with the rows that it had."""
        keep, hook = str(self.folder / "snow.json"), self.made["servicenow"]
        command = ("-m", "lab.servicenow", "--port", str(self.snow_port), "--keep", keep, "--webhook", hook)
        self.spawn("snow", PYTHON, *command)
        wait_for(lambda: self.snow.post("/lab/rows", json={"table": "incident"}).json()["rows"], 20, self)

    def kill(self, *names: str) -> None:
        """End processes as no process can prepare for."""
        for name in names:
            self.processes[name].kill()
        for name in names:
            self.processes[name].wait()

    def control(self, verb: str, **said: Any) -> Any:
        """Have the instance do something past its API."""
        return self.snow.post(f"/lab/{verb}", json=said).raise_for_status().json()

    def rows(self, table: str, query: str = "") -> list[dict[str, Any]]:
        """Its rows, past its API."""
        return self.control("rows", table=table, query=query)["rows"]

    def act(self, by: str, table: str, values: dict[str, str], sys_id: str = "") -> dict[str, str]:
        """What somebody does in their own pages there."""
        return self.control("record", by=by, table=table, values=values, sys_id=sys_id)["result"]

    def user(self, name: str) -> dict[str, Any]:
        """A user there."""
        return self.rows("sys_user", f"user_name={name}")[0]

    def approver(self, change: dict[str, Any], name: str) -> dict[str, Any]:
        """Somebody's record of approval for a change."""
        return self.rows(
            "sysapproval_approver", f"sysapproval={change['sys_id']}^approver={self.user(name)['sys_id']}"
        )[0]

    def answers(self, change: dict[str, Any], name: str, state: str, by: str = "") -> None:
        """Somebody answers there; or somebody else does in their stead."""
        self.act(by or name, "sysapproval_approver", {"state": state}, self.approver(change, name)["sys_id"])

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query).fetchall()

    def alert(self, service: str, status: str = "firing") -> None:
        """An alert by the other source, about which agents only watch."""
        began = "2026-01-01T00:00:00Z"
        one = {
            "status": status,
            "labels": {"alertname": f"{service} is down", "service": service, "severity": "critical"},
            "annotations": {},
            "startsAt": began,
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": service.encode().hex()[:16],
        }
        body = {"version": "4", "receiver": "web", "status": status, "alerts": [one]}
        httpx.post(self.made["alertmanager"], json=body, timeout=10).raise_for_status()

    def tail(self) -> str:
        """The ends of the logs, and how the talk with them stands."""
        talk = {
            "bonds": "SELECT poll_at, held_until, paused_until, failures, error FROM connectors_bond",
            "assents": "SELECT approver, verdict, counts, why, mod_count, read_at FROM connectors_assent",
            "tickets": "SELECT subject, wanted_seq, done_seq, attempts, error, sys_id FROM connectors_ticket",
        }
        told = "\n".join(f"{name}: {self.select(query)}" for name, query in talk.items())
        return f"{told}\nnow: {self.select('SELECT now()')}\n{super().tail()}"

    def titled(self, title: str) -> dict[str, Any] | None:
        """The incident of a title."""
        return next((one for one in self.incidents() if one["title"] == title), None)

    def is_quiet(self) -> bool | None:
        """Whether neither side has anything left to tell or to read."""
        self.control("webhooks")  # waits until each was tried
        waiting = self.select("SELECT count(*) FROM connectors_delivery WHERE state = 'WAITING'")[0][0]
        behind = self.select("SELECT count(*) FROM connectors_ticket WHERE wanted_seq > done_seq")[0][0]
        return not (waiting or behind) or None

    @staticmethod
    def later(seconds: int) -> list[str]:
        """A Python that runs modules with the clock moved forward."""
        return [PYTHON, "-m", "tests.scenarios.later", str(seconds)]

    def stop(self) -> None:
        self.kill(*(name for name in self.processes if name != "lab"))  # nothing is asked of them any more
        super().stop()
        self.snow.close()
        self.heard.close()


class Bell:
    """Where the shop's monitor rings: somebody there hears it and opens a ticket, as people do."""

    def __init__(self) -> None:
        self.firing = threading.Event()
        firing = self.firing

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if told.get("status") == "firing":
                    firing.set()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.1,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def main() -> None:
    """Do what is asked for, and print it as JSON."""
    import django

    django.setup()
    sys.stdout.write(json.dumps(make(*sys.argv[2:])))


def make(instance: str, key: str) -> dict[str, str]:
    """A prepared database with two people, one with a key, two sources and the connection."""
    from approvals import possession
    from approvals.services.enrol_key import enrol_key
    from connectors.services.add_source import add_source
    from connectors.services.connect import connect
    from console import bootstrap
    from core.actors import SYSTEM, Role
    from people.models import Person
    from people.services.add_person import add_person
    from people.services.add_token import add_token

    bootstrap.prepare()
    for handle, role in (("operator", Role.OPERATOR), ("approver", Role.APPROVER)):
        add_person(handle, handle.title(), [role], actor=SYSTEM)
    Person.objects.filter(handle="approver").update(email="approver.one@example.test")
    approver, line = Person.objects.get(handle="approver"), Path(key).read_text(encoding="utf-8").strip()
    enrol_key(approver, possession.from_file(line, label="Laptop"), actor=SYSTEM, how="ssh-file-on-host")
    theirs = add_source("servicenow", "Snow", autonomy="act", actor=SYSTEM)
    others = add_source("alertmanager", "Elsewhere", actor=SYSTEM)
    told = {
        "url": instance,
        "user_name": INTEGRATION,
        "source": theirs.source.slug,
        "changes": True,
        "require_approval": True,
        "poll_s": 2,
        "timeout_s": 3,
        "people": {"olga.operator": "operator"},
        "maps": {"groups": {"*": GROUP}},
    }
    connect("servicenow", "snow", "", told, {"user": INTEGRATION, "password": PASSWORD}, actor=SYSTEM)
    hooks = {one.source.kind: one.url.replace("localhost", "127.0.0.1") for one in (theirs, others)}
    tokens = {"token": add_token("operator", SCOPES, actor=SYSTEM)}
    return hooks | tokens | {"approver_token": add_token("approver", SCOPES[2:4], actor=SYSTEM)}


if __name__ == "__main__":
    main()
