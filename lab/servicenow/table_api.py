"""The Table API and the token endpoint: statuses, envelopes, headers and refusals as documented."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from lab import clock
from lab.fakes import Answer, RefusalError, Wire
from lab.servicenow.instance import CLIENT, INTEGRATION, PASSWORD, Instance
from lab.servicenow.queries import Row
from lab.servicenow.shapes import show
from lab.servicenow.store import Refused
from lab.servicenow.tables import TABLES

_ROOT = "/api/now/table/"
_CAP = 10_000
_HOURLY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    instance: Instance
    method: str
    table: str
    sys_id: str
    query: dict[str, str]
    body: bytes
    user: str
    base: str


def serve(instance: Instance, wire: Wire) -> Answer:
    """Answer one request."""
    try:
        if instance.habits.down:
            raise refusal(503, "Service Unavailable", "The instance is being upgraded")
        if wire.path == "/oauth_token.do":
            return _token(instance, wire.body)
        answer = _table(_asked(instance, wire), wire.headers)
    except RefusalError as refused:
        return refused.answer
    return Answer(answer.status, answer.body, {**_limits(), **answer.headers})


def _asked(instance: Instance, wire: Wire) -> _Asked:
    user = instance.user_of(wire.headers.get("authorization", ""))
    if not user:
        raise refusal(401, "User Not Authenticated", "Required to provide Auth information")
    _limit(instance)
    if not wire.path.startswith(_ROOT):
        raise refusal(400, "Requested URI does not represent any resource", wire.path)
    table, _, sys_id = wire.path.removeprefix(_ROOT).partition("/")
    return _Asked(
        instance=instance,
        method=wire.method,
        table=table,
        sys_id=sys_id,
        query=wire.query,
        body=wire.body,
        user=user,
        base=wire.base,
    )


def refusal(status: int, message: str, detail: str = "", headers: dict[str, str] | None = None) -> RefusalError:
    """A refusal as it writes them."""
    body = {"error": {"message": message, "detail": detail}, "status": "failure"}
    return RefusalError(Answer(status, body, headers or {}))


def _limit(instance: Instance) -> None:
    habits = instance.habits
    if habits.limit >= 0 and not habits.take("limit"):
        after = {"Retry-After": habits.retry_after} if habits.retry_after else {}
        raise refusal(429, "Rate limit exceeded", "Integration users: hourly", after | _limits())


def _limits() -> dict[str, str]:
    reset = (int(clock.timestamp()) // 3600 + 1) * 3600
    return {"X-RateLimit-Limit": str(_HOURLY), "X-RateLimit-Reset": str(reset), "X-RateLimit-Rule": "lab"}


def _table(asked: _Asked, headers: Mapping[str, str]) -> Answer:
    if asked.table not in TABLES:
        raise refusal(400, f"Invalid table {asked.table}")
    if asked.table in asked.instance.habits.hidden:
        raise _hidden()
    if asked.method == "GET":
        return _read(asked) if asked.sys_id else _list(asked)
    if asked.table in asked.instance.habits.forbidden:
        raise refusal(403, "Operation Failed", "ACL Exception Update Failed due to security constraints")
    if asked.method in {"POST", "PATCH", "PUT"} and "json" not in headers.get("content-type", ""):
        raise refusal(415, "Unsupported content type")
    return _write(asked)


def _hidden() -> RefusalError:
    return refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")


def _read(asked: _Asked) -> Answer:
    row = asked.instance.store.get(asked.table, asked.sys_id)
    if row is None:
        raise _hidden()
    return Answer(200, {"result": show(asked.instance.store, asked.table, row, asked.query, asked.base)})


def _list(asked: _Asked) -> Answer:
    store, query = asked.instance.store, asked.query
    found = store.select(asked.table, query.get("sysparm_query", ""))
    offset, limit = _number(query, "sysparm_offset", 0), min(_CAP, _number(query, "sysparm_limit", _CAP))
    page = [show(store, asked.table, row, query, asked.base) for row in found[offset : offset + limit]]
    headers = {"X-Total-Count": str(len(found))}
    if query.get("sysparm_suppress_pagination_header") != "true":
        headers["Link"] = _links(asked, offset, limit, len(found))
    return Answer(200, {"result": page}, headers)


def _links(asked: _Asked, offset: int, limit: int, total: int) -> str:
    last = max(0, (total - 1) // limit * limit) if limit else 0
    places = {"first": 0, "prev": offset - limit, "next": offset + limit, "last": last}
    told = {rel: at for rel, at in places.items() if at >= 0 and (rel != "next" or at < total)}
    root = f"{asked.base}{_ROOT}{asked.table}"
    return ",".join(
        f'<{root}?{urlencode({**asked.query, "sysparm_offset": str(at)})}>;rel="{rel}"' for rel, at in told.items()
    )


def _write(asked: _Asked) -> Answer:
    store = asked.instance.store
    if asked.method == "POST" and not asked.sys_id:
        row = _done(lambda: store.insert(asked.table, _values(asked.body), by=asked.user))
        location = {"Location": f"{asked.base}{_ROOT}{asked.table}/{row['sys_id']}"}
        return Answer(201, {"result": show(store, asked.table, row, asked.query, asked.base)}, location)
    if asked.method not in {"PATCH", "PUT", "DELETE"}:
        raise refusal(405, "Method not supported")
    if store.get(asked.table, asked.sys_id) is None:
        raise _hidden()
    if asked.method == "DELETE":
        store.delete(asked.table, asked.sys_id)
        return Answer(204)
    row = _done(lambda: store.update(asked.table, asked.sys_id, _values(asked.body), by=asked.user))
    return Answer(200, {"result": show(store, asked.table, row, asked.query, asked.base)})


def _done(write: Callable[[], Row]) -> Row:
    try:
        return write()
    except Refused as refused:
        raise refusal(403, "Operation Failed", str(refused)) from refused


def _values(body: bytes) -> dict[str, str]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise refusal(400, "Exception while reading request", "The payload is not valid JSON")
    return {str(name): str(value) for name, value in told.items()}


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    said = query.get(name, "")
    return int(said) if said.isdigit() else otherwise


def _token(instance: Instance, body: bytes) -> Answer:
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    right_client = (form.get("client_id"), form.get("client_secret")) == CLIENT
    grant = form.get("grant_type")
    right_user = (form.get("username"), form.get("password")) == (INTEGRATION, PASSWORD)
    if not right_client or (grant == "password" and not right_user) or grant not in {"password", "client_credentials"}:
        return Answer(401, {"error_description": "access_denied", "error": "server_error"})
    told = {"access_token": instance.new_token(), "refresh_token": "none", "scope": "useraccount"}
    return Answer(200, {**told, "token_type": "Bearer", "expires_in": 1799})
