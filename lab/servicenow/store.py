"""The rows: inserts, updates, what the platform computes, and what its business rules send out."""

import json
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from lab import clock
from lab.servicenow import changes
from lab.servicenow.changes import Refused
from lab.servicenow.queries import Row, run
from lab.servicenow.tables import JOURNALS, SYSTEM, TABLES

__all__ = ["Refused", "Store"]

PLATFORM = "system"
"""Who does what the platform does by itself."""
Rule = Callable[[str, str, Row, frozenset[str]], None]
"""A business rule that runs after an insert or update: (operation, table, row, changed fields)."""


class Store:
    """All rows of one instance: in memory, and in a file where it is to outlive its process.

    Attributes:
        everybody: all approvers have to approve a change; otherwise the first one settles it.
    """

    def __init__(self, rule: Rule, file: Path | None = None) -> None:
        self.rule = rule
        self.file = file
        self.everybody = False
        self.lock = threading.RLock()
        self.shift_s = 0.0
        self.rows: dict[str, dict[str, Row]] = {}
        self.journal: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.counts: dict[str, int] = defaultdict(lambda: 10_000)
        self.forget()

    def forget(self) -> None:
        """An instance fresh from the factory."""
        with self.lock:
            self.rows = {name: {} for name in TABLES}
            self.journal.clear()
            self.counts.clear()
            self.shift_s = 0.0

    def remember(self) -> bool:
        """Take up where the file says that it ended; whether there was one."""
        if self.file is None or not self.file.exists():
            return False
        told = json.loads(self.file.read_text(encoding="utf-8"))
        self.rows |= told["rows"]
        self.counts.update(told["counts"])
        self.journal.update({(key.split(" ")[0], key.split(" ")[1]): said for key, said in told["journal"].items()})
        return True

    def _keep(self) -> None:
        if self.file is not None:
            journal = {" ".join(key): said for key, said in self.journal.items()}
            told = json.dumps({"rows": self.rows, "counts": self.counts, "journal": journal})
            self.file.with_suffix(".new").write_text(told, encoding="utf-8")
            self.file.with_suffix(".new").replace(self.file)

    def now(self) -> str:
        """The time as ServiceNow writes values: UTC, without saying so."""
        moment = datetime.fromtimestamp(clock.timestamp() + self.shift_s, UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}"

    def select(self, table: str, query: str) -> list[Row]:
        """Rows by an encoded query."""
        with self.lock:
            return [dict(row) for row in run(list(self.rows[table].values()), query, TABLES[table].fields)]

    def get(self, table: str, sys_id: str) -> Row | None:
        """One row."""
        with self.lock:
            found = self.rows.get(table, {}).get(sys_id)
            return dict(found) if found is not None else None

    def insert(self, table: str, values: Mapping[str, str], *, by: str) -> Row:
        """A new row; nothing looks whether there is one like it: `correlation_id` is not unique."""
        with self.lock:
            kind, now = TABLES[table], self.now()
            if table == "change_request":
                changes.check_new(values)
            row: Row = dict.fromkeys(sorted(kind.fields), "") | kind.defaults
            row |= {"sys_id": secrets.token_hex(16), "sys_created_on": now, "sys_created_by": by}
            row |= {"sys_updated_on": now, "sys_updated_by": by, "sys_mod_count": "0"}
            if kind.prefix:
                self.counts[table] += 1
                row |= {"number": f"{kind.prefix}{self.counts[table]:07d}", "opened_at": now, "sys_class_name": table}
            self.rows[table][row["sys_id"]] = row
            self._write(table, row, values)
            self._keep()
            self.rule("insert", table, dict(row), frozenset(values))
            return dict(row)

    def update(self, table: str, sys_id: str, values: Mapping[str, str], *, by: str) -> Row:
        """Change a row; one that changes nothing leaves the count and fires no rule."""
        with self.lock:
            row = self.rows[table][sys_id]
            before = dict(row)
            if by != PLATFORM:
                _check(table, row, values)
            noted = self._write(table, row, values)
            changed = frozenset(name for name in row if row[name] != before[name]) | noted
            if changed:
                row |= {"sys_updated_on": self.now(), "sys_updated_by": by}
                row["sys_mod_count"] = str(int(row["sys_mod_count"]) + 1)
                self._keep()
                self.rule("update", table, dict(row), changed)
            if table == "sysapproval_approver" and "state" in changed and by != PLATFORM:
                self._settle(row["sysapproval"])
            return dict(row)

    def delete(self, table: str, sys_id: str) -> None:
        """Take a row away."""
        with self.lock:
            del self.rows[table][sys_id]
            self._keep()

    def _write(self, table: str, row: Row, values: Mapping[str, str]) -> frozenset[str]:
        """Take over known fields that a client may write; the others are ignored, as ServiceNow does."""
        noted = set()
        for name, value in values.items():
            if name in JOURNALS and name in row:
                if value:
                    self.journal[row["sys_id"], name].append(value)
                    noted.add(name)
            elif name in row and name not in {*SYSTEM, "number", "priority"}:
                row[name] = value
        if "priority" in row:
            row["priority"] = _priority(row["impact"], row["urgency"])
        if table == "change_request":
            self._ask_approvers(row)
        return frozenset(noted)

    def _settle(self, sys_id: str) -> None:
        """An approver answered: the platform does with the change what its approval policy says."""
        change = self.rows["change_request"].get(sys_id)
        asked = [row for row in self.rows["sysapproval_approver"].values() if row["sysapproval"] == sys_id]
        if change is not None:
            changes.answered(
                change,
                asked,
                everybody=self.everybody,
                update=partial(self.update, by=PLATFORM),
            )

    def _ask_approvers(self, change: Row) -> None:
        """Approval activity, once it is requested or assessed: one record for each user who may approve changes."""
        if change["state"] == changes.ASSESS and change["approval"] == "not requested":
            change["approval"] = "requested"
        if change["approval"] != "requested":
            return
        asked = {row["approver"] for row in self.rows["sysapproval_approver"].values()
                 if row["sysapproval"] == change["sys_id"]}  # fmt: skip
        for user in self.rows["sys_user"].values():
            if user["user_name"].startswith("approver") and user["sys_id"] not in asked:
                values = {"sysapproval": change["sys_id"], "document_id": change["sys_id"], "approver": user["sys_id"]}
                self.insert("sysapproval_approver", values, by="system")


def _check(table: str, row: Row, values: Mapping[str, str]) -> None:
    """The rules out of the box: resolving an incident needs a code and notes, and changes have their states."""
    if table == "change_request":
        changes.check(row, values)
    if table == "incident" and values.get("state") in {"6", "7"} and row["state"] not in {"6", "7"}:
        changes.require(row, values, {"close_code": "Resolution code", "close_notes": "Resolution notes"})


def _priority(impact: str, urgency: str) -> str:
    """Computed, read only: the sum of both less one."""
    known = {"1", "2", "3"}
    return str(int(impact) + int(urgency) - 1) if impact in known and urgency in known else "5"
