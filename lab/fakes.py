"""What all fakes of other people's systems have in common: a server, requests, answers, and how they misbehave."""

import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.leash import die_with_parent


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """Ends a request with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A request as it came; `base` is the fake's own address."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: Mapping[str, str]
    base: str


@dataclass(slots=True, kw_only=True)
class Manners:
    """Switches that a control endpoint sets. All off, it is a quiet system.

    Attributes:
        slow_s: waits so long before each answer.
        lose_answers: so many of the next writes are done and never answered: the connection ends.
        lose_after_s: how long a lost answer keeps its caller waiting first.
        break_before: so many of the next requests end before anything is done.
        limit: requests left; fewer than 0 for no limit. At 0 the answer is 429.
        retry_after: what the 429 says; empty for no such header.
        down: every answer is a 503.
    """

    slow_s: float = 0.0
    lose_answers: int = 0
    lose_after_s: float = 0.0
    break_before: int = 0
    limit: int = -1
    retry_after: str = "1800"
    down: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, wanted: Mapping[str, Any]) -> list[str]:
        """Set some; returns the names that there are not."""
        known = {one.name for one in fields(self)} - {"lock"}
        for name in known & set(wanted):
            setattr(self, name, wanted[name])
        return sorted(set(wanted) - known)

    def forget(self) -> None:
        """As at the start."""
        fresh = type(self)()
        self.set({one.name: getattr(fresh, one.name) for one in fields(self) if one.name != "lock"})

    def take(self, name: str) -> bool:
        """Use up one of a counted habit; whether there was one."""
        with self.lock:
            left = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return bool(left > 0)


class FakeServer(ThreadingHTTPServer, ABC):
    """One fake on a port of this computer.

    Attributes:
        asked: every request that came, but for those of `/lab/`.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, habits: Manners, asked: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.habits = habits
        self.asked = asked

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @abstractmethod
    def serve(self, wire: Wire) -> Answer:
        """Answer a request as the real one does."""

    @abstractmethod
    def control(self, method: str, verb: str, said: dict[str, Any]) -> Answer:
        """Answer a request of whoever makes it misbehave."""

    def loses(self, wire: Wire) -> bool:
        """Whether it is a write, whose answer may get lost."""
        return wire.method in {"POST", "PATCH", "PUT"}

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- the base class's signature
        """Callers that hang up are no news."""


def serve_until_ended(server: FakeServer, told: Mapping[str, str]) -> None:
    """Print a fake's address and what else is told of it, as a line of JSON; serve until the parent ends or Ctrl-C."""
    die_with_parent()
    print(json.dumps({"url": server.url, **told}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: FakeServer
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
            self._answer(self.server.control(self.command, place.path[5:], json.loads(body or b"{}")))
            return
        habits = self.server.habits
        self.server.asked.append({"method": self.command, "path": place.path, "query": asked, "body": body.decode()})
        if habits.take("break_before"):
            self._hang_up()
            return
        if habits.slow_s:
            time.sleep(habits.slow_s)
        headers = {name.lower(): value for name, value in self.headers.items()}
        wire = Wire(method=self.command, path=place.path, query=asked, body=body, headers=headers, base=self.server.url)
        answer = self.server.serve(wire)
        if answer.status < 300 and self.server.loses(wire) and habits.take("lose_answers"):
            time.sleep(habits.lose_after_s)
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
