"""What the connector tests share: a source with its address, a group of alerts, a small HTTP server on loopback."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import pytest
from django.db import connection

from connectors.intake import backlog
from connectors.services.add_source import add_source
from core.actors import SYSTEM


@pytest.fixture(autouse=True)
def counted_afresh():
    """No test inherits another's count of what waits."""
    backlog.forget()


@pytest.fixture
def unguarded(db):
    """Act as the owner of the database, who can take the guard of the deliveries down for a moment."""
    guard = import_module("connectors.migrations.0003_delivery_guard")

    @contextmanager
    def down():
        with connection.cursor() as cursor:
            for statement in guard.removals(connection.vendor):
                cursor.execute(statement)
            yield
            for statement in guard.statements(connection.vendor):
                cursor.execute(statement, None)

    return down


@pytest.fixture
def endpoint(db):
    """A source that may act."""
    return add_source("alertmanager", "Shop", autonomy="act", actor=SYSTEM)


@pytest.fixture
def group():
    """The bytes of an Alertmanager group: one alert per service named."""

    def make(*services, status="firing", starts="2026-03-01T12:00:00Z", ends="0001-01-01T00:00:00Z"):
        alerts = [
            {
                "status": status,
                "labels": {"alertname": "Errors", "service": service, "severity": "critical"},
                "annotations": {"summary": f"{service} fails its requests"},
                "startsAt": starts,
                "endsAt": ends,
                "fingerprint": f"{abs(hash(service)):016x}"[:16],
            }
            for service in services
        ]
        return json.dumps({"version": "4", "status": status, "alerts": alerts}).encode()

    return make


@pytest.fixture
def serve():
    """Serve one answer to every request on a free port of loopback; returns the address and the requests seen."""
    servers = []

    def start(answer):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                seen.append((self.path, dict(self.headers), self.rfile.read(length)))
                answer(self)

            do_POST = do_GET  # noqa: N815 -- the server's own name

            def log_message(self, *_args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}", seen

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def reply_json(serve):
    """Serve a JSON value."""

    def start(value, status=200):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()

        def answer(handler):
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        return serve(answer)

    return start
