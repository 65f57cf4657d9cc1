"""Post to an address that was checked: the very address, one deadline for everything, no redirects, no proxy."""

import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import certifi
import httpcore
from django.conf import settings

from connectors.outbound.addresses import Target, refusal, target_of
from connectors.outbound.retrying import Answer
from core import clock

TIMEOUT_S = 10.0
MOST_ANSWERED = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One attempt, ready to go."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def post(letter: Letter) -> Answer:
    """Send it, and say what came of it. Whatever goes wrong out there is an answer too."""
    began = clock.monotonic()
    target = target_of(letter.url)
    found = resolved(target)
    why = refusal(target, found, settings.WEBHOOK_NETWORKS)
    if why:
        return Answer(trouble=why)
    try:
        answer = _posted(letter, target, found[0], began + TIMEOUT_S)
    except httpcore.TimeoutException:
        return _none(f"{target.host} did not answer within {TIMEOUT_S:g} s.", began)
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        return _none(f"{target.host} cannot be reached: {_words(error)}.", began)
    return Answer(status=answer[0], retry_after=answer[1], took_ms=_since(began))


def resolved(target: Target) -> list[str]:
    """What the host's name means now; nothing where it means nothing."""
    try:
        rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _words(error: Exception) -> str:
    """What an error says, in one line of plain letters."""
    said = "".join(letter if " " <= letter <= "~" else "?" for letter in str(error)[:200]).rstrip(".")
    return said or type(error).__name__


def _none(trouble: str, began: float) -> Answer:
    return Answer(trouble=trouble, took_ms=_since(began))


def _since(began: float) -> int:
    return int((clock.monotonic() - began) * 1000)


def _posted(letter: Letter, target: Target, address: str, deadline: float) -> tuple[int, str]:
    left = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_S)
    with (
        httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=_Pinned(address, deadline), max_keepalive_connections=0
        ) as pool,
        pool.stream(
            "POST",
            f"{target.scheme}://{_bracketed(target.host)}:{target.port}{target.path}",
            headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in letter.headers],
            content=letter.body,
            extensions={"timeout": left},
        ) as response,
    ):
        headers = {name.lower(): value for name, value in response.headers}
        size = 0
        for chunk in response.iter_stream():
            size += len(chunk)
            if size > MOST_ANSWERED:
                break  # nobody reads it
        return response.status, headers.get(b"retry-after", b"").decode("latin-1")[:100]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@cache
def _trust() -> ssl.SSLContext:
    """The authorities of the operating system, and those that come with the HTTP client."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class _Pinned(httpcore.SyncBackend):
    """Connects to one address, whatever name is asked for; the name is still what the certificate must hold."""

    def __init__(self, address: str, deadline: float) -> None:
        self.address, self.deadline = address, deadline

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- that is the point
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The same, there."""
        left = max(self.deadline - clock.monotonic(), 0.01)
        stream = super().connect_tcp(self.address, port, min(timeout or left, left), local_address, socket_options)
        return _Hurried(stream, self.deadline)


class _Hurried(httpcore.NetworkStream):
    """A stream whose reads and writes share one deadline, so that a byte every few seconds does not hold it open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- ours counts
        """Read within what is left."""
        return self.stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- ours counts
        """Write within what is left."""
        self.stream.write(buffer, self._left(httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- ours counts
    ) -> httpcore.NetworkStream:
        """Shake hands within what is left."""
        stream = self.stream.start_tls(ssl_context, server_hostname, self._left(httpcore.ConnectTimeout))
        return _Hurried(stream, self.deadline)

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 -- httpcore's signature
        """As the stream says."""
        return self.stream.get_extra_info(info)

    def _left(self, late: type[httpcore.TimeoutException]) -> float:
        left = self.deadline - clock.monotonic()
        if left <= 0:
            raise late
        return left
