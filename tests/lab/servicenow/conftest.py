"""A fake ServiceNow in this process, and somebody who asks it."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from lab.servicenow.instance import INTEGRATION, PASSWORD
from lab.servicenow.server import Server


class Asker:
    """Somebody with the integration user's password."""

    def __init__(self, server):
        self.server = server
        self.auth = "Basic " + base64.b64encode(f"{INTEGRATION}:{PASSWORD}".encode()).decode()

    def __call__(self, method, path, values=None, **params):
        headers = {"Authorization": self.auth, "Content-Type": "application/json"}
        body = json.dumps(values).encode() if values is not None else b""
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.request(
                method, f"{self.server.url}/api/now/table/{path}", params=params, headers=headers, content=body
            )

    def control(self, verb, **said):
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.post(f"{self.server.url}/lab/{verb}", json=said)


@pytest.fixture(scope="module")
def running():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(running):
    asker = Asker(running)
    asker.control("reset")
    return asker


@pytest.fixture
def serve():
    """A webhook that answers with one status; returns its address and what came."""
    servers = []

    def start(status):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/", seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
