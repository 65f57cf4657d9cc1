"""A fake Jira in this process, and somebody who asks it."""

import base64
import json
import threading

import httpx
import pytest

from lab.jira.server import Server
from lab.jira.site import EMAIL, TOKEN

BASIC = "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()


class Asker:
    """Somebody with the account's token."""

    def __init__(self, server):
        self.server, self.site, self.auth = server, server.site, BASIC

    def __call__(self, method, path, body=None, **params):
        headers = {"Authorization": self.auth, "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else b""
        url = self.server.url + (path if path.startswith("/") else f"/rest/api/2/{path}")
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.request(method, url, params=params, headers=headers, content=content)

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
