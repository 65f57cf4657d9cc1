"""A small HTTP/1.1 client for calls between the lab's own processes: kept-alive connections, and little CPU.

A general client costs more than the services that it calls, eighty times a second. It speaks to loopback only, to
servers of ours that always send a Content-Length.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from lab import clock

_BUFFER = 1 << 20
_RETRY_EVERY_S = 0.1
_KEEP = 16


class UpstreamError(Exception):
    """The other side could not be reached, broke off, or took too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class _StaleError(Exception):
    """A kept connection was closed by the server before it answered; it has not read the request."""


_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Client:
    """Calls one server.

    Attributes:
        patience_s: how long a *refused* connection is tried again: nothing was sent yet, so that even a POST is safe.
            This bridges the restart of the other side.
    """

    def __init__(self, port: int, *, patience_s: float = 0.0, headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.patience_s = patience_s
        self._extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._idle: list[_Connection] = []

    async def request(self, method: str, path: str, content: object = None, *, timeout_s: float = 5.0) -> Answer:
        """Send one request; a `content` goes as JSON.

        Raises:
            UpstreamError: There was no whole answer in time.
        """
        body = b"" if content is None else json.dumps(content).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{self._extra}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange(head.encode() + body)
        except TimeoutError as error:
            message = f"no answer within {timeout_s * 1000:.0f} ms"
            raise UpstreamError(message) from error
        except (OSError, asyncio.IncompleteReadError) as error:
            message = f"the connection failed: {error}"
            raise UpstreamError(message) from error

    async def _exchange(self, message: bytes) -> Answer:
        while self._idle:
            try:
                async with self._keeping(self._idle.pop(), reused=True) as connection:
                    return await _converse(connection, message)
            except _StaleError:
                continue
        async with self._keeping(await self._connect(), reused=False) as connection:
            return await _converse(connection, message)

    async def _connect(self) -> _Connection:
        deadline = clock.monotonic() + self.patience_s
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", self.port, limit=_BUFFER)
            except ConnectionRefusedError:
                if clock.monotonic() >= deadline:
                    raise
                await asyncio.sleep(_RETRY_EVERY_S)

    @asynccontextmanager
    async def _keeping(self, connection: _Connection, *, reused: bool) -> AsyncIterator[_Connection]:
        whole = False
        try:
            yield connection
            whole = True
        except (ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError) as error:
            unanswered = not isinstance(error, asyncio.IncompleteReadError) or not error.partial
            if reused and unanswered:
                raise _StaleError from error
            raise
        finally:
            if whole and len(self._idle) < _KEEP:
                self._idle.append(connection)
            else:
                connection[1].close()


async def _converse(connection: _Connection, message: bytes) -> Answer:
    reader, writer = connection
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(status.split(" ", 2)[1]), headers, body)
