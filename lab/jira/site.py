"""One site: issues, comments, the index that lags behind them, and who asks."""

import base64
import copy
import secrets
import threading
from datetime import UTC, datetime
from typing import Any

from lab import clock
from lab.jira.checks import require
from lab.jira.habits import Habits

Issue = dict[str, Any]

EMAIL = "countersign@example.test"
TOKEN = "lab-token"  # noqa: S105 -- of a fake
PAT = "lab-personal-access-token"
ACCOUNT = "5b10ac8d82e05b22cc7d4ef5"
STATUSES = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "Done": "done",
    "In Review": "indeterminate",
    "Won't Do": "done",
}


class Site:
    """All of one fake Jira."""

    def __init__(self) -> None:
        self.habits = Habits()
        self.lock = threading.RLock()
        self.asked: list[dict[str, Any]] = []
        self.issues: dict[str, Issue] = {}
        self.index: dict[str, list[tuple[int, Issue]]] = {}
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.count = 0
        self.shift_s = 0.0
        self.latest = 0

    def reset(self) -> None:
        """As it was at its start."""
        with self.lock:
            self.habits.forget()
            for kept in (self.asked, self.issues, self.index, self.comments):
                kept.clear()
            self.count, self.shift_s, self.latest = 0, 0.0, 0

    def milliseconds(self) -> int:
        """The time by its clock."""
        return int((clock.timestamp() + self.shift_s) * 1000)

    def user_of(self, header: str) -> str:
        """Who an Authorization header stands for; empty for nobody."""
        kind, _, value = header.partition(" ")
        right = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if kind == "Basic" and secrets.compare_digest(value, right):
            return ACCOUNT
        is_pat = kind == "Bearer" and self.habits.deployment == "datacenter" and secrets.compare_digest(value, PAT)
        return ACCOUNT if is_pat else ""

    def account(self, name: str) -> dict[str, Any]:
        """A user as authors are told: Cloud has account ids alone."""
        named = {"accountId": name} if self.habits.deployment == "cloud" else {"name": name, "key": name}
        return {**named, "displayName": name, "active": True, "timeZone": self.habits.zone}

    def find(self, name: str) -> Issue | None:
        """An issue by id or key, as it is now."""
        return self.issues.get(name) or next((one for one in self.issues.values() if one["key"] == name), None)

    def create(self, fields: dict[str, Any]) -> Issue:
        """A new issue; nothing looks whether there is one like it."""
        with self.lock:
            require(fields, self.habits, is_new=True)
            self.count += 1
            issue_id, now = str(10_000 + self.count), self._stamp()
            first: dict[str, Any] = {"status": self.status("To Do"), "labels": [], "created": now, "resolution": None}
            self.issues[issue_id] = {
                "id": issue_id,
                "key": f"{fields['project']['key']}-{self.count}",
                "fields": {**first, **fields, "updated": now},
            }
            self.comments[issue_id] = []
            self._indexed(issue_id)
            return self.issues[issue_id]

    def change(self, issue: Issue, fields: dict[str, Any]) -> None:
        """Set fields."""
        with self.lock:
            issue["fields"] |= {**fields, "updated": self._stamp()}
            self._indexed(issue["id"])

    def delete(self, issue: Issue) -> None:
        """Take an issue away."""
        with self.lock:
            for kept in (self.issues, self.index, self.comments):
                kept.pop(issue["id"], None)

    def comment(self, issue: Issue, body: str, by: str) -> dict[str, Any]:
        """Add a comment; it changes the issue, too."""
        with self.lock:
            rows = self.comments[issue["id"]]
            rows.append(
                {
                    "id": str(len(rows) + 1),
                    "author": self.account(by),
                    "body": body.replace("\n", "\r\n"),
                    "created": self._stamp(),
                }
            )
            self.change(issue, {})
            return rows[-1]

    def shown(self, reconciled: set[str]) -> list[Issue]:
        """What the search knows: each issue as its index has it by now, or as it is for those that are reconciled."""
        until = self.milliseconds() - int(self.habits.index_lag_s * 1000)
        found = []
        for issue_id, states in self.index.items():
            at = self.milliseconds() if issue_id in reconciled else until
            known = [one for moment, one in states if moment <= at]
            found += known[-1:]
        return found

    def status(self, name: str) -> dict[str, Any]:
        """A status with its category."""
        return {"name": name, "statusCategory": {"key": STATUSES[name]}}

    def _indexed(self, issue_id: str) -> None:
        self.index.setdefault(issue_id, []).append((self.latest, copy.deepcopy(self.issues[issue_id])))

    def _stamp(self) -> str:
        """The time as Jira writes it; no two changes have the same."""
        self.latest = max(self.milliseconds(), self.latest + 1)
        moment = datetime.fromtimestamp(self.latest / 1000, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{self.latest % 1000:03d}+0000"
