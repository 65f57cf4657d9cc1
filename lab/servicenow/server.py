"""Its HTTP: `/api/now/table/…`, `/oauth_token.do`, and `/lab/…` for whoever makes it misbehave."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from lab.servicenow import table_api
from lab.servicenow.habits import Habits
from lab.servicenow.instance import Instance
from lab.servicenow.table_api import Answer


class Server(ThreadingHTTPServer):
    """One instance on a port of this computer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0, file: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.instance = Instance(file)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- the base class's signature
        """Callers that hang up are no news."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Read."""
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 -- the base class's names

    def _serve(self) -> None:
        place = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = dict(parse_qsl(place.query, keep_blank_values=True))
        if place.path.startswith("/lab/"):
            self._answer(_control(self.server.instance, self.command, place.path[5:], body))
            return
        instance = self.server.instance
        instance.asked.append({"method": self.command, "path": place.path, "query": asked, "body": body.decode()})
        if instance.habits.take("break_before"):
            self._hang_up()
            return
        if instance.habits.slow_s:
            time.sleep(instance.habits.slow_s)
        headers = {name.lower(): value for name, value in self.headers.items()}
        wire = table_api.Wire(
            method=self.command, path=place.path, query=asked, body=body, headers=headers, base=self.server.url
        )
        answer = table_api.serve(instance, wire)
        writes = self.command in {"POST", "PATCH", "PUT"} and place.path.startswith("/api/")
        if writes and answer.status < 300 and instance.habits.take("lose_answers"):
            time.sleep(instance.habits.lose_after_s)
            self._hang_up()
            return
        self._answer(answer)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, answer: Answer) -> None:
        data = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 -- the base class's signature
        """Quiet."""


def _control(instance: Instance, method: str, verb: str, body: bytes) -> Answer:
    """`habits`, `reset`, `time`; `record` acts as one of its users; `requests`, `webhooks`, `rows` tell."""
    said = cast("dict[str, Any]", json.loads(body or b"{}"))
    told: dict[str, Any] = {}
    if verb == "habits" and method == "POST":
        told = {"unknown": instance.habits.set(said)}
        instance.store.everybody = instance.habits.everybody
    elif verb == "reset":
        instance.habits.set({name: getattr(Habits(), name) for name in Habits.__slots__ if name != "lock"})
        instance.store.everybody = False
        instance.reset()
    elif verb == "time":
        instance.store.shift_s = float(said["shift_s"])
    elif verb == "record":
        told = {"result": instance.act(said)}
    else:
        told = _report(instance, verb, said)
    return Answer(400 if told.get("unknown") else 200, told)


def _report(instance: Instance, verb: str, said: dict[str, Any]) -> dict[str, Any]:
    if verb == "requests":
        return {"requests": instance.asked}
    if verb == "webhooks":
        instance.rules.settle()
        return {"webhooks": instance.rules.sent}
    if verb == "rows":
        return {"rows": instance.noted(said["table"], said.get("query", ""))}
    return {"unknown": [verb]}
