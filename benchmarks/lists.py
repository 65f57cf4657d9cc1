"""What a page of a list costs, at 1,000, 100,000 and 1,000,000 alerts on PostgreSQL: half, 99 of 100, CPU.

CPU is that of the whole web process tree and of PostgreSQL's. Baselines in the same run: `/healthz`, and one row by
its key for somebody who is signed in. One connection, one request at a time, no worker beside it.
`python benchmarks/lists.py [ALERTS…]`.
"""

import base64
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.house import fill
from benchmarks.ingest import cpu_of, postmaster
from benchmarks.web import Web
from tests.with_services import postgres, redis

SIZES = (1_000, 100_000, 1_000_000)
REQUESTS, WARM = 60, 8
PEOPLE = """
import json
from django.contrib.sessions.backends.db import SessionStore
from people.models import Person, RoleGrant
from people.services.add_person import add_person
from people.services.add_token import add_token
from core.actors import SYSTEM
told = {}
for handle, roles in (("whole", ["operator"]), ("part", [])):
    person = add_person(handle, handle.title(), roles, actor=SYSTEM)
    if not roles:
        RoleGrant.objects.create(person=person, role="operator", scope="team:team-7")
    store = SessionStore()
    store["_auth_user_id"] = person.pk
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = person.get_session_auth_hash()
    store.save()
    token = add_token(handle, ["incidents:read", "approvals:read", "ledger:read", "sources:read"], actor=SYSTEM)
    cookie = "sessionid=" + store.session_key
    told[handle] = {"token": {"Authorization": "Bearer " + token}, "session": {"Cookie": cookie}}
print(json.dumps(told))
"""
HEAD = """
| {alerts:,} alerts: what is asked | rows | p50 ms | p99 ms | CPU ms a request | web | postgres |
|---|---|---|---|---|---|---|"""


def api(path: str, *, below: int = 0, **filters: str) -> str:
    """An address; with `below` of the page below that id."""
    cursor = {"cursor": base64.b64encode(f"p={below}".encode()).decode()} if below else {}
    return f"/api/v1/{path}/?{urlencode(filters | cursor)}"


def questions(alerts: int, fingerprint: str) -> list[tuple[str, str, str]]:
    """What is asked, as whom, and the address."""
    deep, half = alerts // 2, alerts // 20
    found = [
        ("baseline: `/healthz`", "", "/healthz"),
        ("baseline: one service by its name", "whole token", api("services/service-1")),
        ("baseline: one service by its name", "whole session", api("services/service-1")),
        ("alerts", "whole token", api("alerts")),
        ("alerts", "whole session", api("alerts")),
    ]
    told: dict[str, dict[str, str]] = {
        "firing": {"status": "firing"},
        "pending (rare)": {"status": "pending"},
        "resolved": {"status": "resolved"},
        "loud service": {"service": "service-0"},
        "quiet service": {"service": "service-900"},
        "no such service": {"service": "none"},
        "loud source": {"source": "source-0"},
        "quiet source": {"source": "source-59"},
        "critical": {"severity": "critical"},
        "info (rare)": {"severity": "info"},
        "one fingerprint": {"fingerprint": fingerprint},
        "one incident": {"incident": str(alerts // 30)},
        "the storm": {"incident": str(alerts // 10)},
        "service, firing": {"service": "service-0", "status": "firing"},
        "source, critical": {"source": "source-0", "severity": "critical"},
        "quiet source, info": {"source": "source-59", "severity": "info"},
        "service, source, severity, firing": {
            "service": "service-0",
            "source": "source-0",
            "severity": "high",
            "status": "firing",
        },
    }
    found += [(f"alerts: {name}", "whole token", api("alerts", **filters)) for name, filters in told.items()]
    deeper = ("firing", "resolved", "loud service", "quiet source", "critical", "info (rare)", "the storm")
    found += [("alerts: deep", "whole token", api("alerts", below=deep))]
    found += [(f"alerts: {name}, deep", "whole token", api("alerts", below=deep, **told[name])) for name in deeper]
    found += [("alerts: of one team's services", "part token", api("alerts"))]
    found += [("alerts: of one team's services, deep", "part token", api("alerts", below=deep))]
    states: dict[str, dict[str, str]] = {
        "": {},
        ": open": {"state": "OPEN"},
        ": closed": {"state": "CLOSED"},
        ": loud service": {"service": "service-0"},
        ": quiet service": {"service": "service-900"},
        ": S1": {"severity": "S1"},
        ": S1, open": {"severity": "S1", "state": "OPEN"},
        ": service, closed": {"service": "service-0", "state": "CLOSED"},
    }
    found += [(f"incidents{name}", "whole token", api("incidents", **filters)) for name, filters in states.items()]
    found += [
        ("incidents", "whole session", api("incidents")),
        ("incidents: deep", "whole token", api("incidents", below=half)),
        ("incidents: closed, deep", "whole token", api("incidents", below=half, state="CLOSED")),
        ("incidents: of one team's services", "part token", api("incidents")),
        ("incidents: of one team's services, deep", "part token", api("incidents", below=half)),
        ("approval requests", "whole token", api("approval-requests")),
        ("approval requests: deep", "whole token", api("approval-requests", below=half)),
        ("deliveries", "whole token", api("deliveries")),
        ("deliveries: dead letters", "whole token", api("deliveries", state="dead")),
        ("page: queue", "whole session", "/"),
        ("page: queue, live part", "whole session", "/#live"),
        ("page: queue, settled", "whole session", "/?view=settled"),
        ("page: queue, text", "whole session", f"/?text={quote('service-0')}"),
        ("page: queue of one team", "part session", "/"),
        ("page: approvals", "whole session", "/approvals/"),
        ("page: sources", "whole session", "/sources/"),
        ("page: audit", "whole session", "/audit/"),
        ("page: audit, deep", "whole session", f"/audit/?before={deep}"),
    ]
    return found


def ask(link: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> bytes:
    """One page."""
    path, _, live = path.partition("#")
    link.request("GET", path, headers=headers | ({"HX-Request": "true"} if live else {}))
    answer = link.getresponse()
    body = answer.read()
    if answer.status != 200:
        message = f"{path}: {answer.status} {body[:300]!r}"
        raise AssertionError(message)
    return body


def rows_in(body: bytes) -> str:
    """How many rows came; of a page, its size."""
    try:
        told = json.loads(body)
    except ValueError:
        return f"{len(body) // 1000} kB" if len(body) > 1000 else "-"
    return str(len(told["results"])) if "results" in told else "1"


def measure(alerts: int, database: str, broker: str) -> None:
    """One table."""
    fill(database, alerts)
    with tempfile.TemporaryDirectory() as folder:
        web = Web(Path(folder))
        web.serve(database, broker)
        try:
            people = json.loads(web.manage("shell", "-v", "0", "-c", PEOPLE))
            with psycopg.connect(database, autocommit=True) as beside:
                pids = (web.processes["web"].pid, postmaster(beside.cursor()))
                newest = beside.execute("SELECT fingerprint FROM incidents_alert ORDER BY id DESC LIMIT 1").fetchone()
            print(HEAD.format(alerts=alerts), flush=True)
            for told, who, path in questions(alerts, newest[0]):
                name, _, way = who.partition(" ")
                headers = people[name][way] if who else {}
                print(line(f"{told} ({way})" if way else told, web.port, path, headers, pids), flush=True)
        finally:
            web.stop()


def line(told: str, port: int, path: str, headers: dict[str, str], pids: tuple[int, int]) -> str:
    """A row of the table."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for _ in range(WARM):
        body = ask(link, path, headers)
    before, took = [cpu_of(pid) for pid in pids], []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        ask(link, path, headers)
        took.append((time.perf_counter() - began) * 1000)
    web, server = ((cpu_of(pid) - one) * 1000 / REQUESTS for pid, one in zip(pids, before, strict=True))
    half, most = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return f"| {told} | {rows_in(body)} | {half:.1f} | {most:.1f} | {web + server:.1f} | {web:.1f} | {server:.1f} |"


def main(sizes: tuple[int, ...]) -> None:
    """A table for each size, each in a database of its own that was migrated once."""
    with postgres() as empty, redis() as broker, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": empty, "REDIS_URL": broker}
        installation = Web(Path(folder))
        installation.environment |= {"DATABASE_URL": empty, "REDIS_URL": broker, "SECRET_KEY": "x" * 50}
        installation.manage("prepare")
        server, _, name = empty.rpartition("/")
        for alerts in sizes:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
                link.execute(f"CREATE DATABASE lists_{alerts} TEMPLATE {name}")
            measure(alerts, f"{server}/lists_{alerts}", broker)
            with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
                link.execute(f"DROP DATABASE lists_{alerts} WITH (FORCE)")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
