"""What Jira answers: issues, transitions, and refusals as sentences that say what to do. Pure but for the clock."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connectors.http import Reply
from connectors.limits import again_at
from connectors.reading import mapping
from connectors.ticket_errors import LaterError, NotThereError, TicketError, UncertainError

BUSY: Final = frozenset({408, 409, 429, 500, 502, 503, 504})
NOT_DONE: Final = frozenset({409, 429})
_ID: Final = re.compile(r"[0-9]{1,18}")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,20}-[0-9]{1,18}")
HELP: Final[Mapping[int, str]] = {
    400: "Look at the project's screens and required fields, and at the connection's maps; an empty name is not sent.",
    401: "Make a new token and connect it again.",
    403: "Give our account the permissions to browse, create, edit, comment and transition issues in the project.",
    404: "Look at the address and the project; our account must be allowed to browse it.",
    410: "Jira Cloud has another search than Data Center: set `deployment` to cloud.",
}
"""What to do about a refusal."""
CAPTCHA: Final = "Too many failed sign-ins: sign in once in a browser with that account, to answer Jira's captcha."


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue.

    Attributes:
        category: of its status, whatever the project calls it: new, indeterminate, done.
        updated_ms: when it changed last, in milliseconds since 1970.
    """

    id: str
    key: str
    status: str
    category: str
    updated_ms: int
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A way out of a status. `asks`: the fields on its screen."""

    id: str
    to: str
    asks: frozenset[str]


def issue_of(told: object) -> Issue:
    """An issue as it was told.

    Raises:
        TicketError: It is none.
    """
    row = mapping(told)
    fields = mapping(row.get("fields"))
    status, labels = mapping(fields.get("status")), fields.get("labels")
    issue_id, key = _named(row)
    return Issue(
        id=issue_id,
        key=key,
        status=str(status.get("name") or ""),
        category=str(mapping(status.get("statusCategory")).get("key") or ""),
        updated_ms=_milliseconds(fields.get("updated")),
        labels=frozenset(str(one) for one in labels) if isinstance(labels, list) else frozenset(),
    )


def made_of(told: object) -> tuple[str, str]:
    """Id and key of an issue that was made.

    Raises:
        UncertainError: It was not said so that it can be read.
    """
    try:
        return _named(mapping(told))
    except TicketError as error:
        raise UncertainError(error.detail) from error


def transition_of(told: Mapping[str, Any]) -> Transition:
    """A transition as it was told."""
    return Transition(
        id=str(told.get("id") or ""),
        to=str(mapping(told.get("to")).get("name") or ""),
        asks=frozenset(mapping(told.get("fields"))),
    )


def who(user: Mapping[str, Any]) -> str:
    """One name for a user: Cloud has account ids, Data Center keys and names."""
    return str(user.get("accountId") or user.get("key") or user.get("name") or "")


def refused(reply: Reply, *, is_write: bool) -> TicketError:
    """Why it did not do it, and what to do about it."""
    said = _said(reply)
    if reply.status in BUSY:
        detail = f"Jira answered {reply.status}: {said}"
        certain = not is_write or reply.status in NOT_DONE
        return LaterError(detail, at=again_at(reply)) if certain else UncertainError(detail, at=again_at(reply))
    help_ = HELP.get(reply.status, "")
    if reply.status == 404:
        return NotThereError(f"Jira has no such thing, or hides it from our account: {said} {help_}")
    if reply.status == 401:
        reason = {name.lower(): value for name, value in reply.headers.items()}.get("x-seraph-loginreason", "")
        help_ = CAPTCHA if "AUTHENTICATION_DENIED" in reason else help_
        return TicketError(f"Jira does not take our credentials. {help_}")
    return TicketError(f"Jira refused with {reply.status}: {said} {help_}".strip())


def _said(reply: Reply) -> str:
    """`errorMessages`, and `errors` by field."""
    try:
        told = mapping(json.loads(reply.body))
    except (ValueError, RecursionError):
        told = {}
    general, fields = told.get("errorMessages"), mapping(told.get("errors"))
    words = [str(one) for one in general] if isinstance(general, list) else []
    words += [f"{name}: {text}" for name, text in fields.items()]
    said = " ".join(" ".join(words).split())[:300]
    return (said if said.endswith(".") else f"{said}.") if said else "no reason given."


def _named(row: Mapping[str, Any]) -> tuple[str, str]:
    issue_id, key = str(row.get("id") or ""), str(row.get("key") or "")
    if not _ID.fullmatch(issue_id) or not _KEY.fullmatch(key):
        detail = "Jira answered with something else than an issue."
        raise TicketError(detail)
    return issue_id, key


def _milliseconds(value: object) -> int:
    try:
        return int(datetime.fromisoformat(str(value)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
