"""The console as its public API shows it to a program on another machine."""

from dataclasses import dataclass
from typing import Any, cast

import httpx

from core.errors import ConsoleError

TIMEOUT_S = 20.0
MAX_BYTES = 2_000_000


class RemoteError(ConsoleError):
    """The console refused, or did not answer; the sentence is its own."""

    code, status, title = "remote", 502, "The console said no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where the console is, and the token to speak to it with."""

    url: str
    token: str

    def get(self, path: str) -> dict[str, Any]:
        """A JSON answer."""
        return cast("dict[str, Any]", self._call("GET", path).json())

    def get_bytes(self, path: str) -> bytes:
        """An answer, byte by byte."""
        return self._call("GET", path).content

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON answer to a JSON body."""
        return cast("dict[str, Any]", self._call("POST", path, body).json())

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        try:
            reply = httpx.request(
                method, f"{self.url}/api/v1/{path}", headers=headers, json=body, timeout=TIMEOUT_S, trust_env=False
            )
        except httpx.HTTPError as error:
            detail = f"{self.url} does not answer: {error}. Is the console running there? Name it with --url."
            raise RemoteError(detail) from error
        if not reply.is_success or len(reply.content) > MAX_BYTES:
            raise RemoteError(_said(reply))
        return reply


def _said(reply: httpx.Response) -> str:
    try:
        found = reply.json()
    except ValueError:
        return f"The console answered {reply.status_code}."
    detail = found.get("detail") if isinstance(found, dict) else None
    return str(detail or f"The console answered {reply.status_code}.")
