"""Speak to the policy signer: in place where the key lies here, else over the Unix socket of its own process."""

import base64
import json
import logging
import socket
import socketserver
import struct
import threading
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.db import DatabaseError, connection

from approvals import policy_signer
from approvals.policy_signer import Ask, Made
from core import clock
from core.errors import ConsoleError, RefusedError

log = logging.getLogger(__name__)

MAX_BYTES: Final = 2_000_000
TIMEOUT_S: Final = 20.0
SIZE: Final = struct.Struct(">I")


def sign(ask: Ask) -> Made:
    """Have an automatic decision signed.

    Raises:
        RefusedError: The signer refuses, or does not answer.
    """
    if not settings.POLICY_SIGNER_SOCKET:
        return policy_signer.sign(ask)
    try:
        answer = _call(Path(settings.POLICY_SIGNER_SOCKET), _asked(ask))
    except (OSError, ValueError) as error:
        detail = f"The policy signer does not answer ({error}). A person decides, or start ./manage.py policy-signer."
        raise RefusedError(detail) from error
    if "refused" in answer:
        raise RefusedError(str(answer["refused"]))
    return Made(
        statement=base64.b64decode(answer["statement"]),
        sidecar=base64.b64decode(answer["sidecar"]),
        snapshot=base64.b64decode(answer["snapshot"]),
        key_id=str(answer["key_id"]),
    )


class Server(socketserver.ThreadingUnixStreamServer):
    """The signer's own process: one question a connection, answered or refused with a sentence."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        """Listen on a socket that this account's group alone may use; a dead one in its place is removed.

        Raises:
            RefusedError: A signer is listening there already.
        """
        if path.exists():
            if _answers(path):
                detail = f"A policy signer listens on {path} already."
                raise RefusedError(detail)
            path.unlink()
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        self.path = path
        super().__init__(str(path), _Question)
        path.chmod(0o660)

    def stop(self) -> None:
        """End `serve_forever` from a signal's handler, which must not wait for it."""
        threading.Thread(target=self.shutdown, daemon=True).start()


class _Question(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(TIMEOUT_S)
        try:
            answer = _answered(_received(self.request))
        except (ConsoleError, DatabaseError, ValueError, KeyError, TypeError) as error:
            sentence = error.detail if isinstance(error, ConsoleError) else f"The question is malformed: {error}"
            log.warning("policy signer refused", extra={"why": sentence})
            answer = {"refused": sentence}
        except OSError:
            return
        finally:
            connection.close()
        _send(self.request, answer)


def _asked(ask: Ask) -> dict[str, Any]:
    return {
        "content": base64.b64encode(ask.content).decode("ascii"),
        "ruling": dict(ask.ruling),
        "request": ask.request,
        "nonce": ask.nonce,
        "expires_at": clock.rfc3339(ask.expires_at),
        "standing": ask.standing,
    }


def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    made = policy_signer.sign(
        Ask(
            content=base64.b64decode(asked["content"], validate=True),
            ruling=asked["ruling"],
            request=int(asked["request"]),
            nonce=str(asked["nonce"]),
            expires_at=clock.from_rfc3339(asked["expires_at"]),
            standing=str(asked["standing"]),
        )
    )
    return {
        "statement": base64.b64encode(made.statement).decode("ascii"),
        "sidecar": base64.b64encode(made.sidecar).decode("ascii"),
        "snapshot": base64.b64encode(made.snapshot).decode("ascii"),
        "key_id": made.key_id,
    }


def _call(path: Path, question: dict[str, Any]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(TIMEOUT_S)
        line.connect(str(path))
        _send(line, question)
        return _received(line)


def _send(line: socket.socket, value: dict[str, Any]) -> None:
    data = json.dumps(value).encode("utf-8")
    line.sendall(SIZE.pack(len(data)) + data)


def _received(line: socket.socket) -> dict[str, Any]:
    (size,) = SIZE.unpack(_exactly(line, SIZE.size))
    if size > MAX_BYTES:
        message = f"{size} bytes are too many"
        raise ValueError(message)
    found = json.loads(_exactly(line, size))
    if not isinstance(found, dict):
        message = "not an object"
        raise TypeError(message)
    return cast("dict[str, Any]", found)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            message = "the line ended too early"
            raise ValueError(message)
        data += part
    return data


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        return line.connect_ex(str(path)) == 0
