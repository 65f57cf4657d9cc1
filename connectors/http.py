"""The one HTTP client: time-outs, a size limit, no redirects, no proxy taken from the environment."""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from core import clock
from core.errors import BadInputError, ConsoleError

TIMEOUT_S, LONGEST_S = 10.0, 60.0
MAX_BYTES = 8_000_000


class UnreachableError(ConsoleError):
    """The other side did not answer, or not as HTTP says."""

    code, status, title = "unreachable", 502, "No answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, read in full."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300


def timeout_of(config: Mapping[str, Any]) -> float:
    """How long a connection waits for one answer, by its settings.

    Raises:
        BadInputError: It is no number of seconds.
    """
    said = config.get("timeout_s", TIMEOUT_S)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 < said <= LONGEST_S:
        detail = f"`timeout_s` must be a number of seconds, at most {LONGEST_S:g}."
        raise BadInputError(detail)
    return float(said)


def send(  # noqa: PLR0913 -- the parts of a request
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    auth: tuple[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """Send one request and read the answer within the time and the size allowed. Redirects are answers, not followed.

    Raises:
        UnreachableError: No connection, no answer in time, or more bytes than are taken. Never names the credentials.
    """
    deadline = clock.monotonic() + timeout_s
    try:
        with _client(os.getpid()).stream(
            method,
            url,
            params=dict(params) if params else None,
            headers=dict(headers or {}),
            content=content,
            auth=httpx.BasicAuth(*auth) if auth else None,
            timeout=timeout_s,
        ) as response:
            body = _read(response, max_bytes, deadline)
            return Reply(status=response.status_code, headers=dict(response.headers), body=body)
    except httpx.TimeoutException as error:
        detail = f"{_host(url)} did not answer within {timeout_s:g} s."
        raise UnreachableError(detail) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        detail = f"{_host(url)} cannot be reached: {type(error).__name__}."
        raise UnreachableError(detail) from error


def _read(response: httpx.Response, max_bytes: int, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > max_bytes:
            detail = f"{response.url.host} answered with more than {max_bytes:,} bytes."
            raise UnreachableError(detail)
        if clock.monotonic() > deadline:
            detail = f"{response.url.host} was too slow to finish its answer."
            raise UnreachableError(detail)
        chunks.append(chunk)
    return b"".join(chunks)


def _host(url: str) -> str:
    try:
        return httpx.URL(url).netloc.decode("ascii", "replace").rpartition("@")[2] or "the address"
    except httpx.InvalidURL:
        return "the address"


@functools.cache
def _client(_process: int) -> httpx.Client:
    """One client a process: after a fork the child must not share its parent's sockets."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
    return httpx.Client(follow_redirects=False, trust_env=False, limits=limits)
