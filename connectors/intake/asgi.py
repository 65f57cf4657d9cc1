"""Hooks below Django: what they may send is bounded before a byte of it is read, and posts are answered here."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from django.conf import settings

from connectors.intake.commits import Commits
from connectors.intake.door import Post, refusal
from core.errors import BadInputError, ConsoleError, TooLargeError, UnsupportedMediaError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PREFIX = "/hooks/"
HOOK = re.compile(r"/hooks/([^/]+)/([^/]+)/?")
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
READ_TIMEOUT_S = 30.0
HEARD_OUT = 8  # times the limit


class TooSlowError(ConsoleError):
    """The body did not arrive in time."""

    code, status, title = "too-slow", 408, "Too slow"


class _GoneError(Exception):
    """The sender hung up; there is nobody to answer."""


def answer_posts(app: App) -> App:
    """Wrap an ASGI application: posts to hooks are answered here, many in one transaction; all else is handed on.

    So is what came without TLS where there must be TLS: Django sends that elsewhere.
    """
    commits = Commits()

    async def answered(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        found = HOOK.fullmatch(str(scope.get("path", "")))
        if scope["type"] != "http" or scope["method"] != "POST" or found is None:
            await app(scope, receive, send)
            return
        named = _named(scope.get("headers", ()))
        if settings.SECURE_SSL_REDIRECT and not _is_secure(scope, named):
            await app(scope, receive, send)
            return
        message = await receive()
        peer = (scope.get("client") or ("",))[0]
        post = Post(kind=found[1], token=found[2], headers=named, body=message.get("body", b""), peer=peer)
        answer = await commits.answer(post)
        await _respond(send, answer.status, {**answer.headers, "X-Content-Type-Options": "nosniff"}, answer.body)

    return answered


def limit_body(app: App) -> App:
    """Wrap an ASGI application: bodies to /hooks/ are read here, up to INTAKE_MAX_BYTES and READ_TIMEOUT_S.

    What is longer is thrown away as it comes, and gets its 413; what fits is handed on in one piece.
    """

    async def limited(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not str(scope.get("path", "")).startswith(PREFIX):
            await app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                body = await _read(scope, receive)
        except _GoneError:
            return
        except TimeoutError:
            detail = f"The body did not arrive within {READ_TIMEOUT_S:g} s."
            await _refuse(send, TooSlowError(detail))
            return
        except ConsoleError as error:
            await _refuse(send, error)
            return
        await app(scope, _replay(body, receive), send)

    return limited


async def _read(scope: MutableMapping[str, Any], receive: Receive) -> bytes:
    largest = settings.INTAKE_MAX_BYTES
    too_large = TooLargeError(f"At most {largest:,} bytes are taken in one delivery.", limit_bytes=largest)
    headers = {name.lower(): value for name, value in scope.get("headers", ())}
    if _announced(headers) > largest:
        if b"expect" not in headers:
            await _discard(receive, largest * HEARD_OUT)
        raise too_large
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await _next(receive)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > largest:
            if message.get("more_body", False):
                await _discard(receive, largest * HEARD_OUT)
            raise too_large
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _announced(headers: dict[bytes, bytes]) -> int:
    """The length that the headers name, which must be such that Django can read them."""
    if CONTROL.search(headers.get(b"content-type", b"")):
        detail = "The Content-Type holds a control character."
        raise UnsupportedMediaError(detail)
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit():
        detail = "The Content-Length is not a number."
        raise BadInputError(detail)
    return int(announced[:16])


async def _discard(receive: Receive, most: int) -> None:
    """Hear a sender out, within bounds: closing on one that still sends would reset the line and lose our answer."""
    size = 0
    while size <= most:
        message = await _next(receive)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _GoneError
    return message


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the whole body first, and then whatever comes (a disconnect)."""
    given: list[bytes] = []

    async def replayed() -> Message:
        if given:
            return await receive()
        given.append(b"")
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _refuse(send: Send, error: ConsoleError) -> None:
    answer = refusal(error)
    await _respond(send, answer.status, {**answer.headers, "Connection": "close"}, answer.body)


async def _respond(send: Send, status: int, named: Mapping[str, str], body: bytes) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name, read as Django reads them: those that come twice are joined by a comma."""
    named: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        named[name] = f"{named[name]},{value}" if name in named else value
    return named


def _is_secure(scope: MutableMapping[str, Any], named: Mapping[str, str]) -> bool:
    trusted = settings.SECURE_PROXY_SSL_HEADER is not None
    return scope.get("scheme") == "https" or (trusted and named.get("x-forwarded-proto") == "https")
