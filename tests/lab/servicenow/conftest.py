"""A fake ServiceNow in this process, and somebody who asks it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab.servicenow.instance import INTEGRATION, PASSWORD
from lab.servicenow.server import Server
from tests.lab.asking import Asker, serving


@pytest.fixture(scope="module")
def running():
    with serving(Server()) as server:
        yield server


@pytest.fixture
def ask(running):
    return Asker(running, INTEGRATION, PASSWORD, "/api/now/table/")


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
