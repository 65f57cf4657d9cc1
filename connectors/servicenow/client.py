"""The Table API of one instance.

https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html

Nothing here waits or repeats a write. A limit or an outage is a `LaterError` with the time from which on it may be
tried again; whoever asked keeps that in the database. A create whose answer was lost is looked up by `correlation_id`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from connectors import http
from connectors.limits import again_at
from connectors.servicenow import tokens
from connectors.servicenow.query import Condition, encode, equals, text_of
from connectors.ticket_errors import LaterError, NotThereError, TicketError, UncertainError

Row = dict[str, Any]

PAGE: Final = 200
MOST_PAGES: Final = 50
BUSY: Final = frozenset({429, 500, 502, 503, 504})
WRITES: Final = frozenset({"POST", "PATCH"})


class ServiceNow:
    """One instance, with one account."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        self.url = str(config.get("url", "")).rstrip("/")
        self.timeout_s = http.timeout_of(config)
        self.secret = dict(secret)

    def get(self, table: str, sys_id: str, *, fields: Iterable[str] = ()) -> Row:
        """One record, each field as `{"value", "display_value"}`.

        Raises:
            NotThereError: There is none, or it is hidden.
            TicketError: It refused, or cannot now.
        """
        asked = _full(fields)
        row = _one(self._ask("GET", f"{table}/{_plain(sys_id)}", params=asked))
        if text_of(row.get("sys_id", {"value": sys_id})) != sys_id:
            detail = f"ServiceNow answered with another record than {table} {sys_id}."
            raise TicketError(detail)
        return row

    def find(
        self,
        table: str,
        conditions: Sequence[Condition],
        *,
        fields: Iterable[str] = (),
        order: Sequence[str] = (),
        most: int = PAGE * MOST_PAGES,
    ) -> list[Row]:
        """Every record that meets all conditions by its own account, fields as in `get`; pages are read to the end.

        With `most` it ends early, once it has at least so many; nothing is left out between two that are returned.

        Raises:
            BadInputError: A value cannot stand in a query.
            TicketError: It refused, or cannot now.
        """
        wanted = {*fields, "sys_id", *(one.field for one in conditions)} if fields else set()
        asked = _full(wanted)
        asked["sysparm_query"] = encode(conditions, [*order, "sys_id"])
        found: dict[str, Row] = {}
        offset = 0
        while len(found) < most and offset < PAGE * MOST_PAGES:
            reply = self._send("GET", table, params=asked | {"sysparm_limit": str(PAGE), "sysparm_offset": str(offset)})
            rows = _many(reply)
            found |= {text_of(row.get("sys_id")): row for row in rows if all(one.holds(row) for one in conditions)}
            offset += PAGE
            if offset >= _total(reply, offset - PAGE + len(rows)):
                break
        return list(found.values())

    def create(self, table: str, values: Mapping[str, str], *, correlation_id: str) -> Row:
        """A record that there is once: looked up by `correlation_id` before, and again where no answer comes.

        Its fields are as in `get`.

        Raises:
            UncertainError: No answer came, and there is no such record yet; look again before another try.
            TicketError: It refused, or cannot now.
        """
        known = self.correlated(table, correlation_id)
        if known is not None:
            return known
        try:
            reply = self._ask("POST", table, params=_full(), body={**values, "correlation_id": correlation_id})
        except UncertainError:
            made = self.correlated(table, correlation_id)
            if made is None:
                raise
            return made
        return _one(reply)

    def correlated(self, table: str, correlation_id: str) -> Row | None:
        """The record that carries our id; the oldest where somebody copied one.

        Raises:
            TicketError: It refused, or cannot now.
        """
        found = self.find(table, [equals("correlation_id", correlation_id)], order=["sys_created_on"])
        return found[0] if found else None

    def update(self, table: str, sys_id: str, values: Mapping[str, str]) -> Row:
        """Change a record; fields as in `get`.

        Raises:
            NotThereError: There is none, or it is hidden.
            UncertainError: No answer came.
            TicketError: It refused, or cannot now.
        """
        return _one(self._ask("PATCH", f"{table}/{_plain(sys_id)}", params=_full(), body=values))

    def _ask(
        self, method: str, path: str, *, params: Mapping[str, str], body: Mapping[str, str] | None = None
    ) -> object:
        return _result(self._send(method, path, params=params, body=body))

    def _send(
        self, method: str, path: str, *, params: Mapping[str, str], body: Mapping[str, str] | None = None
    ) -> http.Reply:
        reply = self._once(method, path, params, body, fresh=False)
        if reply.status == 401 and tokens.uses_tokens(self.secret):
            reply = self._once(method, path, params, body, fresh=True)
        if not reply.is_ok:
            raise _refused(reply, method)
        return reply

    def _once(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, str] | None, *, fresh: bool
    ) -> http.Reply:
        auth, headers = tokens.credentials(self.url, self.secret, timeout_s=self.timeout_s, fresh=fresh)
        try:
            return http.send(
                method,
                f"{self.url}/api/now/table/{path}",
                params=params,
                headers={"Accept": "application/json", "Content-Type": "application/json", **headers},
                content=json.dumps(body).encode() if body is not None else None,
                auth=auth,
                timeout_s=self.timeout_s,
            )
        except http.UnreachableError as error:
            detail = f"ServiceNow: {error.detail}"
            raise (UncertainError(detail) if method in WRITES else LaterError(detail)) from error


def _full(fields: Iterable[str] = ()) -> dict[str, str]:
    """Values and what they show to people, without links; all fields where none are named."""
    told = {"sysparm_exclude_reference_link": "true", "sysparm_display_value": "all"}
    return told | ({"sysparm_fields": ",".join(sorted(fields))} if fields else {})


def _plain(sys_id: str) -> str:
    if len(sys_id) != 32 or set(sys_id) - set("0123456789abcdef"):
        detail = f"{sys_id[:40]!r} is no id of a record in ServiceNow."
        raise TicketError(detail)
    return sys_id


def _result(reply: http.Reply) -> object:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        detail = f"ServiceNow answered {reply.status} with what is no JSON. A sleeping instance answers so."
        raise LaterError(detail) from error
    if not isinstance(answer, dict) or "result" not in answer:
        detail = f"ServiceNow answered {reply.status} without a result."
        raise TicketError(detail)
    return answer["result"]


def _one(result: object) -> Row:
    if not isinstance(result, dict):
        detail = "ServiceNow answered with something else than one record."
        raise TicketError(detail)
    return result


def _many(reply: http.Reply) -> list[Row]:
    result = _result(reply)
    if not isinstance(result, list):
        detail = "ServiceNow answered with something else than a list of records."
        raise TicketError(detail)
    return [row for row in result if isinstance(row, dict)]


def _total(reply: http.Reply, otherwise: int) -> int:
    """How many there are in all. Pages that an access rule thins out are short, so a short page is no end."""
    said = {name.lower(): value for name, value in reply.headers.items()}.get("x-total-count", "")
    return int(said) if said.isdigit() else otherwise


def _refused(reply: http.Reply, method: str) -> TicketError:
    said = _said(reply)
    if reply.status in BUSY:
        detail = f"ServiceNow answered {reply.status}: {said}"
        certain = reply.status in {429, 503} or method not in WRITES
        return LaterError(detail, at=again_at(reply)) if certain else UncertainError(detail)
    if reply.status == 404:
        return NotThereError(f"ServiceNow has no such record, or an access rule hides it: {said}")
    if reply.status == 401:
        return TicketError(f"ServiceNow does not take our credentials: {said} Connect it again.")
    return TicketError(f"ServiceNow refused with {reply.status}: {said}")


def _said(reply: http.Reply) -> str:
    try:
        told = json.loads(reply.body)
        words = [str(told["error"].get(name) or "") for name in ("message", "detail")]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return "no reason given."
    return f"{' '.join(word for word in words if word)[:300]}."
