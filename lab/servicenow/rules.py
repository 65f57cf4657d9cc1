"""Business rules that post to a webhook, once and never again, as RESTMessageV2.execute does."""

import base64
import hashlib
import hmac
import json
import queue
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from lab import clock
from lab.servicenow.habits import Habits
from lab.servicenow.queries import Row
from lab.servicenow.tables import TABLES

Label = Callable[[str, Row, str], str]
"""What a field of a row of a table shows to people, as `getDisplayValue` does."""

_TOLD = frozenset(
    ["state", "priority", "impact", "urgency", "short_description", "assignment_group", "work_notes", "comments"]
)
_SENT = (
    *("sys_id", "number", "sys_mod_count", "sys_updated_on", "sys_updated_by", "short_description", "description"),
    *("state", "impact", "urgency", "priority", "approval", "correlation_id", "correlation_display"),
    *("cmdb_ci", "business_service", "assignment_group", "close_code", "sysapproval", "approver", "source_table"),
)
_NAMED = frozenset(["cmdb_ci", "business_service", "assignment_group"])
_PATIENCE_S = 5.0


class Rules:
    """What leaves the instance; `sent` keeps each body and what became of it."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.label: Label = lambda _table, row, name: row[name]
        self.sent: list[dict[str, Any]] = []
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._post_all, daemon=True, name="business-rules").start()

    def after(self, operation: str, table: str, row: Row, changed: frozenset[str]) -> None:
        """Incidents and changes when something that people see changes; approvers when the state changes."""
        wanted = {"incident": _TOLD, "change_request": _TOLD, "sysapproval_approver": frozenset({"state"})}
        if self.habits.mute or table not in wanted:
            return
        if operation == "update" and not changed & wanted[table]:
            return
        state = TABLES[table].choices.get("state", {}).get(row["state"], row["state"])
        shown = {name: self.label(table, row, name) if name in _NAMED else row[name] for name in _SENT if name in row}
        record = {"table": table, "state_label": state} | shown
        event = "created" if operation == "insert" else "updated"
        body = {
            "schema": "itops.sn/1",
            "delivery_id": secrets.token_hex(16),
            "event": f"{table}.{event}",
            "occurred_at": row["sys_updated_on"],
            "record": record,
        }
        told = {"body": body, "outcome": "nowhere to send it"}
        self.sent.append(told)
        if self.habits.webhook:
            self._waiting.put(told)

    def _post_all(self) -> None:
        while True:
            told = self._waiting.get()
            told["outcome"] = self._post(json.dumps(told["body"]).encode())
            self._waiting.task_done()

    def settle(self) -> None:
        """Wait until everything was tried, once."""
        self._waiting.join()

    def _post(self, body: bytes) -> str:
        headers = {"Content-Type": "application/json", "User-Agent": "ServiceNow/1.0"}
        if self.habits.hmac_secret:
            at = str(int(clock.timestamp()))
            key = base64.b64decode(self.habits.hmac_secret)
            mac = hmac.new(key, at.encode() + b"." + body, hashlib.sha256).digest()
            headers |= {"X-Countersign-Timestamp": at, "X-Countersign-Signature": base64.b64encode(mac).decode()}
        asked = urllib.request.Request(self.habits.webhook, data=body, headers=headers)  # noqa: S310 -- the lab's own
        try:
            with urllib.request.urlopen(asked, timeout=_PATIENCE_S) as reply:  # noqa: S310 -- as above
                return str(reply.status)
        except (urllib.error.URLError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
