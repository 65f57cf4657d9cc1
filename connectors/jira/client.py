"""The REST API of one Jira: version 2, whose texts are wiki markup, and Cloud's newer search; the old is gone there.

https://developer.atlassian.com/cloud/jira/platform/rest/v2/
https://developer.atlassian.com/server/jira/platform/rest/v10000/
https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/

Nothing here waits or repeats a write. What a search shows is late, by seconds or minutes: what it does not show may be
there. One issue, asked for by its id, is as it is now.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors import http
from connectors.jira.replies import Issue, Transition, issue_of, made_of, refused, transition_of, who
from connectors.reading import mapping
from connectors.ticket_errors import LaterError, TicketError, UncertainError

PAGE: Final = 100
MOST_PAGES: Final = 50
MOST: Final = PAGE * MOST_PAGES
RECONCILED: Final = 50
"""Of so many issues Cloud's search tells the state of now, where it is given their ids."""
FIELDS: Final = ("status", "labels", "updated")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LABEL: Final = re.compile(r"[A-Za-z0-9:_-]{1,255}")


class Jira:
    """One site, with one account."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        self.url = str(config.get("url", "")).rstrip("/")
        self.timeout_s = http.timeout_of(config)
        self.is_cloud = config.get("deployment") == "cloud"
        self.secret = dict(secret)

    def create(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Make an issue; its id and key.

        Raises:
            UncertainError: No answer came.
            TicketError: It refused, or cannot now.
        """
        return made_of(self._write("POST", "issue", {"fields": fields}))

    def get(self, name: str) -> Issue:
        """One issue by id or key, as it is now.

        Raises:
            NotThereError: There is none, or it is hidden.
            TicketError: It refused, or cannot now.
        """
        return issue_of(self._read("GET", f"issue/{_plain(name)}", params={"fields": ",".join(FIELDS)}))

    def labelled(self, label: str) -> Issue | None:
        """The oldest issue with a label, as far as the search shows it by now.

        Raises:
            TicketError: It refused, or cannot now.
        """
        found = [one for one in self._search(f"labels = {_quoted(label)} ORDER BY created ASC") if label in one.labels]
        return min(found, key=lambda one: int(one.id), default=None)

    def changed(self, label: str, *, minutes: int, reconcile: Sequence[str] = ()) -> Iterator[Issue]:
        """Issues with a label that changed in the last so many minutes, in the order of their changes.

        Minutes before now need no time zone: a date in JQL is one of the account's own zone.

        Raises:
            TicketError: It refused, or cannot now.
        """
        jql = f'labels = {_quoted(label)} AND updated >= "-{int(minutes)}m" ORDER BY updated ASC'
        return (one for one in self._search(jql, reconcile) if label in one.labels)

    def change(self, issue_id: str, fields: Mapping[str, Any]) -> None:
        """Set fields of an issue.

        Raises:
            UncertainError: No answer came.
            TicketError: It refused, or cannot now.
        """
        self._write("PUT", f"issue/{_plain(issue_id)}", {"fields": fields})

    def comment(self, issue_id: str, text: str) -> None:
        """Add a comment.

        Raises:
            UncertainError: No answer came.
            TicketError: It refused, or cannot now.
        """
        self._write("POST", f"issue/{_plain(issue_id)}/comment", {"body": text})

    def comments(self, issue_id: str) -> Iterator[tuple[str, str]]:
        """Who wrote and what, all of them.

        Raises:
            TicketError: It refused, or cannot now.
        """
        for page in range(MOST_PAGES):
            params = {"startAt": str(page * PAGE), "maxResults": str(PAGE)}
            told = mapping(self._read("GET", f"issue/{_plain(issue_id)}/comment", params=params))
            rows = _objects(told.get("comments"))
            yield from ((who(mapping(one.get("author"))), str(one.get("body") or "")) for one in rows)
            total = told.get("total")
            if not rows or not isinstance(total, int) or (page + 1) * PAGE >= total:
                return

    def myself(self) -> str:
        """Whose account this is, as authors of comments are named.

        Raises:
            TicketError: It refused, or cannot now.
        """
        return who(mapping(self._read("GET", "myself")))

    def transitions(self, issue_id: str) -> list[Transition]:
        """Where an issue may go from where it is, for our account.

        Raises:
            TicketError: It refused, or cannot now.
        """
        params = {"expand": "transitions.fields"}
        told = mapping(self._read("GET", f"issue/{_plain(issue_id)}/transitions", params=params))
        return [transition_of(one) for one in _objects(told.get("transitions"))]

    def move(self, issue_id: str, transition: str, fields: Mapping[str, Any]) -> None:
        """Send an issue through a transition.

        Raises:
            UncertainError: No answer came.
            TicketError: It refused, or cannot now.
        """
        body = {"transition": {"id": transition}, **({"fields": fields} if fields else {})}
        self._write("POST", f"issue/{_plain(issue_id)}/transitions", body)

    def _search(self, jql: str, reconcile: Sequence[str] = ()) -> Iterator[Issue]:
        asked: dict[str, Any] = {"jql": jql, "maxResults": PAGE, "fields": list(FIELDS)}
        if self.is_cloud and reconcile:
            asked["reconcileIssues"] = [int(one) for one in reconcile[:RECONCILED]]
        path, count = ("/rest/api/3/search/jql" if self.is_cloud else "/rest/api/2/search"), 0
        for _ in range(MOST_PAGES):
            told = mapping(self._read("POST", path, body=asked))
            rows = _objects(told.get("issues"))
            count += len(rows)
            yield from map(issue_of, rows)
            following, total = told.get("nextPageToken"), told.get("total")
            if self.is_cloud and isinstance(following, str) and following:
                asked["nextPageToken"] = following
            elif not self.is_cloud and rows and isinstance(total, int) and count < total:
                asked["startAt"] = count
            else:
                return

    def _read(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> object:
        return self._ask(method, path, params, body, is_write=False)

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> object:
        return self._ask(method, path, None, body, is_write=True)

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        *,
        is_write: bool,
    ) -> object:
        """What it answers; None to a write that it answers with nothing, as it does most."""
        try:
            reply = self._send(method, path, params, body)
        except http.UnreachableError as error:
            detail = f"Jira: {error.detail}"
            raise (UncertainError(detail) if is_write else LaterError(detail)) from error
        if not reply.is_ok:
            raise refused(reply, is_write=is_write)
        if is_write and not reply.body:
            return None
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            if is_write:
                detail = f"Jira answered a write with {reply.status} and what is no JSON."
                raise UncertainError(detail) from error
            detail = f"Jira answered {reply.status} with what is no JSON. Is {self.url} its own address?"
            raise TicketError(detail) from error

    def _send(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> http.Reply:
        if not self.secret.get("token"):
            detail = "No account of Jira is set. Connect it with an e-mail address and an API token, or with a token."
            raise TicketError(detail)
        user, token = self.secret.get("user", ""), self.secret["token"]
        bearer = {} if user else {"Authorization": f"Bearer {token}"}
        return http.send(
            method,
            f"{self.url}{path}" if path.startswith("/") else f"{self.url}/rest/api/2/{path}",
            params=params,
            headers={"Accept": "application/json", "Content-Type": "application/json", **bearer},
            content=json.dumps(body).encode() if body is not None else None,
            auth=(user, token) if user else None,
            timeout_s=self.timeout_s,
        )


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        detail = f"{name[:40]!r} is no id or key of an issue in Jira."
        raise TicketError(detail)
    return name


def _quoted(label: str) -> str:
    """A label in a query; only what can do nothing but be compared."""
    if not _LABEL.fullmatch(label):
        detail = f"{label[:60]!r} is no label of ours."
        raise TicketError(detail)
    return f'"{label}"'


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
