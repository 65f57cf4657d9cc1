"""The REST API: statuses, envelopes, headers and refusals as documented."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lab.fakes import Answer, RefusalError, Wire
from lab.jira import jql
from lab.jira.checks import refusal, require
from lab.jira.site import STATUSES, Issue, Site

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
SEARCHES = frozenset({"/rest/api/2/search", "/rest/api/3/search/jql"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    site: Site
    method: str
    query: dict[str, str]
    body: dict[str, Any]
    user: str


def serve(site: Site, wire: Wire) -> Answer:
    """Answer one request."""
    try:
        return _routed(_asked(site, wire), wire.path)
    except RefusalError as refused:
        return refused.answer


def _asked(site: Site, wire: Wire) -> _Asked:
    habits = site.habits
    if habits.down:
        raise refusal(503, "Jira is being upgraded.")
    user = site.user_of(wire.headers.get("authorization", ""))
    if habits.captcha or not user:
        reason = "AUTHENTICATION_DENIED" if habits.captcha else "AUTHENTICATED_FAILED"
        raise refusal(401, "Client must be authenticated.", headers={"X-Seraph-LoginReason": reason})
    if habits.limit >= 0 and not habits.take("limit"):
        raise refusal(429, "Rate limit exceeded.", headers=_limits(site))
    is_write = wire.method != "GET" and wire.path not in SEARCHES
    if is_write and habits.forbidden:
        raise refusal(403, "You do not have the permission to do that.")
    return _Asked(site=site, method=wire.method, query=wire.query, body=_body(wire), user=user)


def _limits(site: Site) -> dict[str, str]:
    habits = site.habits
    if habits.retry_after:
        return {"Retry-After": habits.retry_after, "RateLimit-Reason": "jira-burst-based"}
    if habits.reset_after_s < 0:
        return {}
    reset = datetime.fromtimestamp(site.milliseconds() / 1000 + habits.reset_after_s, UTC)
    return {"X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%MZ}"}


def _body(wire: Wire) -> dict[str, Any]:
    if not wire.body:
        return {}
    if "json" not in wire.headers.get("content-type", ""):
        raise RefusalError(Answer(415, None))
    try:
        told = json.loads(wire.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise refusal(400, "Unexpected character")
    return told


def _routed(asked: _Asked, path: str) -> Answer:
    if path in SEARCHES:
        return _search(asked, path)
    parts = path.removeprefix("/rest/api/2/").split("/")
    if not path.startswith("/rest/api/2/") or len(parts) > 3:
        raise RefusalError(Answer(404, None))
    if parts == ["myself"]:
        return Answer(200, asked.site.account(asked.user))
    if parts == ["issue"] and asked.method == "POST":
        made = asked.site.create(dict(asked.body.get("fields") or {}))
        return Answer(201, {"id": made["id"], "key": made["key"], "self": f"/rest/api/2/issue/{made['id']}"})
    issue = asked.site.find(parts[1]) if parts[0] == "issue" and len(parts) > 1 else None
    if issue is None:
        raise refusal(404, NO_ISSUE)
    return _ROUTES.get((asked.method, "/".join(parts[2:])), _unknown)(asked, issue)


def _unknown(asked: _Asked, _issue: Issue) -> Answer:
    raise refusal(405, f"{asked.method} is not supported.")


def _get(asked: _Asked, issue: Issue) -> Answer:
    return Answer(200, _shown(issue, asked.query.get("fields", "").split(",")))


def _put(asked: _Asked, issue: Issue) -> Answer:
    fields = dict(asked.body.get("fields") or {})
    require(fields, asked.site.habits, is_new=False)
    asked.site.change(issue, fields)
    return Answer(204)


def _comments(asked: _Asked, issue: Issue) -> Answer:
    rows = list(asked.site.comments[issue["id"]])
    rows = rows[::-1] if asked.query.get("orderBy") == "-created" else rows
    start, most = int(asked.query.get("startAt", "0")), int(asked.query.get("maxResults", "5000"))
    told = {"startAt": start, "maxResults": most, "total": len(rows), "comments": rows[start : start + most]}
    return Answer(200, told)


def _comment(asked: _Asked, issue: Issue) -> Answer:
    body = str(asked.body.get("body") or "")
    if not body.strip():
        raise refusal(400, errors={"comment": "Comment body can not be empty!"})
    return Answer(201, asked.site.comment(issue, body, asked.user))


def _transitions(asked: _Asked, issue: Issue) -> Answer:
    return Answer(200, {"expand": "transitions", "transitions": list(_ways(asked.site, issue).values())})


def _transit(asked: _Asked, issue: Issue) -> Answer:
    chosen = _ways(asked.site, issue).get(str((asked.body.get("transition") or {}).get("id")))
    fields = dict(asked.body.get("fields") or {})
    if chosen is None:
        raise refusal(400, "It seems that you have tried to perform an illegal workflow operation.")
    if "resolution" in chosen["fields"] and not fields.get("resolution"):
        raise refusal(400, errors={"resolution": "Resolution is required."})
    if odd := sorted(set(fields) - set(chosen["fields"])):
        raise refusal(400, errors={odd[0]: f"Field '{odd[0]}' cannot be set. It is not on the appropriate screen."})
    asked.site.change(issue, {**fields, "status": chosen["to"]})
    return Answer(204)


def _ways(site: Site, issue: Issue) -> dict[str, dict[str, Any]]:
    """Where it may go: from everywhere to everywhere else, but for what is missing."""
    found = {}
    for number, name in enumerate(STATUSES, start=1):
        if name in site.habits.missing or name == issue["fields"]["status"]["name"]:
            continue
        asks = name == "Done" and site.habits.asks_resolution
        fields = {"resolution": {"required": True, "name": "Resolution"}} if asks else {}
        found[f"{number}1"] = {"id": f"{number}1", "name": f"Go {number}", "to": site.status(name), "fields": fields}
    return found


def _search(asked: _Asked, path: str) -> Answer:
    site, is_cloud = asked.site, asked.site.habits.deployment == "cloud"
    if is_cloud != path.endswith("/jql"):
        raise refusal(410, GONE) if is_cloud else RefusalError(Answer(404, None))
    reconciled = {str(one) for one in asked.body.get("reconcileIssues") or []} if is_cloud else set()
    if len(reconciled) > 50:
        raise refusal(400, "reconcileIssues takes at most 50 issues.")
    if gone := sorted(reconciled - set(site.issues)):  # the documentation does not say what becomes of these
        raise refusal(400, f"Issue {gone[0]} does not exist.")
    now = datetime.fromtimestamp(site.milliseconds() / 1000, UTC)
    with site.lock:
        found = jql.run(site.shown(reconciled), str(asked.body.get("jql") or ""), now=now, zone=site.habits.zone)
    most, fields = min(100, int(asked.body.get("maxResults", 50))), list(asked.body.get("fields") or [])
    if not is_cloud:
        start = int(asked.body.get("startAt", 0))
        page = [_shown(one, fields) for one in found[start : start + most]]
        return Answer(200, {"startAt": start, "maxResults": most, "total": len(found), "issues": page})
    start = int(asked.body.get("nextPageToken") or 0)
    told: dict[str, Any] = {"issues": [_shown(one, fields) for one in found[start : start + most]]}
    is_last = start + most >= len(found)
    return Answer(200, {**told, "isLast": is_last, **({} if is_last else {"nextPageToken": str(start + most)})})


def _shown(issue: Issue, fields: list[str]) -> dict[str, Any]:
    """An issue with the fields that were asked for."""
    wanted = {name: value for name, value in issue["fields"].items() if not any(fields) or name in fields}
    return {"id": issue["id"], "key": issue["key"], "self": f"/rest/api/2/issue/{issue['id']}", "fields": wanted}


_ROUTES: dict[tuple[str, str], Callable[[_Asked, Issue], Answer]] = {
    ("GET", ""): _get,
    ("PUT", ""): _put,
    ("GET", "comment"): _comments,
    ("POST", "comment"): _comment,
    ("GET", "transitions"): _transitions,
    ("POST", "transitions"): _transit,
}
