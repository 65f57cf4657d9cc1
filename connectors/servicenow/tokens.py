"""Who we are there: basic, or a token of `/oauth_token.do` that this process keeps until a minute before its end."""

import json
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from connectors import http
from connectors.ticket_errors import LaterError, TicketError
from core import clock

EARLY_S: Final = 60.0
_lock = threading.Lock()
_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}


def uses_tokens(secret: Mapping[str, str]) -> bool:
    """Whether the account is one of OAuth."""
    return "client_id" in secret


def credentials(
    url: str, secret: Mapping[str, str], *, timeout_s: float, fresh: bool
) -> tuple[tuple[str, str] | None, dict[str, str]]:
    """What goes with a request: a name and a password, or a header. `fresh` drops the token that was refused.

    Raises:
        TicketError: No credentials are set, or they are not taken.
        LaterError: It did not answer.
    """
    if not uses_tokens(secret):
        if not {"user", "password"} <= set(secret):
            detail = "No account of ServiceNow is set. Connect it with a user and a password, or with a client."
            raise TicketError(detail)
        return (secret["user"], secret["password"]), {}
    name = (url, secret["client_id"], secret.get("user", ""))
    with _lock:
        token, until = _tokens.get(name, ("", 0.0))
        if fresh or not token or clock.timestamp() > until - EARLY_S:
            token, until = _log_in(url, secret, timeout_s)
            _tokens[name] = (token, until)
    return None, {"Authorization": f"Bearer {token}"}


def _log_in(url: str, secret: Mapping[str, str], timeout_s: float) -> tuple[str, float]:
    form = {"client_id": secret["client_id"], "client_secret": secret.get("client_secret", "")}
    if "user" in secret:
        form |= {"grant_type": "password", "username": secret["user"], "password": secret.get("password", "")}
    else:
        form |= {"grant_type": "client_credentials"}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        reply = http.send(
            "POST", f"{url}/oauth_token.do", headers=headers, content=urlencode(form).encode(), timeout_s=timeout_s
        )
    except http.UnreachableError as error:
        detail = f"ServiceNow: {error.detail}"
        raise LaterError(detail) from error
    if reply.status >= 500 or reply.status == 429:
        detail = f"ServiceNow gives no token now: it answered {reply.status}."
        raise LaterError(detail)
    try:
        told = json.loads(reply.body)
        return str(told["access_token"]), clock.timestamp() + float(told.get("expires_in", 0))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        detail = f"ServiceNow gave no token: it answered {reply.status}. Look at the client's id and secret."
        raise TicketError(detail) from error
