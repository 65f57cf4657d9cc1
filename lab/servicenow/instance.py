"""One instance: its rows, rules, habits, users and tokens."""

import base64
import secrets
from functools import partial
from pathlib import Path
from typing import Any

from lab.servicenow.habits import Habits
from lab.servicenow.queries import Row
from lab.servicenow.rules import Rules
from lab.servicenow.shapes import label
from lab.servicenow.store import Store

INTEGRATION = "countersign.integration"
PASSWORD = "lab-password"  # noqa: S105 -- of a fake
CLIENT = ("lab-client", "lab-secret")
PEOPLE = {
    INTEGRATION: ("Countersign", "integration@example.test"),
    "approver.one": ("Approver One", "approver.one@example.test"),
    "approver.two": ("Approver Two", "approver.two@example.test"),
    "fred.luddy": ("Fred Luddy", "fred@example.test"),
}


class Instance:
    """All of one fake ServiceNow."""

    def __init__(self, file: Path | None = None) -> None:
        self.habits = Habits()
        self.rules = Rules(self.habits)
        self.store = Store(self.rules.after, file)
        self.rules.label = partial(label, self.store)
        self.asked: list[dict[str, Any]] = []
        self.tokens: dict[str, int] = {}
        if not self.store.remember():
            self.reset()

    def reset(self) -> None:
        """As it was at its start."""
        self.store.forget()
        self.rules.sent.clear()
        self.asked.clear()
        self.tokens.clear()
        for user_name, (name, email) in PEOPLE.items():
            values = {"user_name": user_name, "name": name, "email": email, "active": "true"}
            self.store.insert("sys_user", values, by="system")
        self.store.insert("sys_user_group", {"name": "Service Desk"}, by="system")

    def act(self, told: dict[str, Any]) -> Row:
        """What one of its users does in its own pages: `{"by", "table", "sys_id"?, "values"}`."""
        values = {str(name): str(value) for name, value in told["values"].items()}
        if told.get("sys_id"):
            return self.store.update(told["table"], told["sys_id"], values, by=told["by"])
        return self.store.insert(told["table"], values, by=told["by"])

    def noted(self, table: str, query: str) -> list[dict[str, Any]]:
        """Rows past the API, each with its work notes as they were written."""
        rows = self.store.select(table, query)
        return [{**row, "work_notes": self.store.journal[row["sys_id"], "work_notes"]} for row in rows]

    def new_token(self) -> str:
        """A token for the integration user."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.habits.token_uses
        return token

    def user_of(self, header: str) -> str:
        """Who an Authorization header stands for; empty for nobody."""
        kind, _, value = header.partition(" ")
        if kind == "Basic" and self.habits.auth in {"basic", "both"}:
            right = base64.b64encode(f"{INTEGRATION}:{PASSWORD}".encode()).decode()
            return INTEGRATION if secrets.compare_digest(value, right) else ""
        if kind == "Bearer" and self.habits.auth in {"oauth", "both"}:
            left = self.tokens.get(value, 0)
            self.tokens[value] = left - 1 if left > 0 else left
            return INTEGRATION if left else ""
        return ""
