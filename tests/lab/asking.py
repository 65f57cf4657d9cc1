"""A fake of the lab in this process, and somebody who asks it."""

import base64
import json
import threading
from contextlib import contextmanager

import httpx


@contextmanager
def serving(server):
    """A fake that answers, in a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Asker:
    """Somebody with an account, who finds the fake as it is at its start; `below` is where paths without a / begin."""

    def __init__(self, server, user, password, below):
        self.server, self.below = server, below
        self.auth = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.control("reset")

    def __call__(self, method, path, body=None, **params):
        headers = {"Authorization": self.auth, "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else b""
        url = self.server.url + (path if path.startswith("/") else self.below + path)
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.request(method, url, params=params, headers=headers, content=content)

    def control(self, verb, **said):
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.post(f"{self.server.url}/lab/{verb}", json=said)
