"""Ask a witness, with the standard library alone: small answers, short patience, no redirects."""

import hashlib
import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_S = 5.0
MAX_ANSWER = 200_000


class UnreachableError(Exception):
    """The witness did not answer, or not in HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    text: str


def add_checkpoint(url: str, submission: str) -> Reply:
    """Submit a checkpoint.

    Raises:
        UnreachableError: There is no answer.
    """
    return _ask("POST", f"{url}/add-checkpoint", submission.encode("utf-8"))


def newest(url: str, origin: str) -> Reply:
    """The newest checkpoint of a log that the witness signed.

    Raises:
        UnreachableError: There is no answer.
    """
    return _ask("GET", f"{url}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint", None)


def _ask(method: str, url: str, body: bytes | None) -> Reply:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        try:
            connection.request(method, parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER + 1)
        finally:
            connection.close()
        if len(data) > MAX_ANSWER:
            msg = "The answer is too long."
            raise UnreachableError(msg)
        return Reply(status=answer.status, text=data.decode("utf-8"))
    except (OSError, http.client.HTTPException, UnicodeDecodeError, ValueError) as error:
        raise UnreachableError(str(error)) from error
