"""ServiceNow's words: tables, and what the codes and labels of states and priorities mean out of the box.

Priority is computed there from impact and urgency, each 1 high, 2 medium or 3 low: their sum less one.
"""

import re
from collections.abc import Mapping

from incidents.events import Severity, Status

SYS_ID = re.compile(r"[0-9a-f]{32}")
TABLES = {
    "incident": "incident",
    "change_request": "change",
    "change": "change",
    "change_task": "task",
    "problem": "problem",
    "problem_task": "task",
    "sc_task": "task",
    "sc_req_item": "task",
    "sc_request": "task",
    "task": "task",
    "em_alert": "alert",
    "alert": "alert",
}
PREFIXES = {
    "inc": "incident",
    "chg": "change",
    "prb": "problem",
    "ctask": "task",
    "ptask": "task",
    "sctask": "task",
    "ritm": "task",
    "req": "task",
    "task": "task",
    "alert": "alert",
}
KINDS = {"change": "change", "alert": "alert"}
BY_KIND: Mapping[str, Mapping[Status, str]] = {
    "incident": {
        Status.FIRING: "1 new open reopened",
        Status.ACKNOWLEDGED: "2 3 in_progress work_in_progress active assigned on_hold pending awaiting_caller "
        "awaiting_user_info awaiting_problem awaiting_vendor awaiting_change awaiting_evidence",
        Status.RESOLVED: "6 7 8 resolved closed canceled cancelled",
    },
    "change": {
        Status.PENDING: "-5 -4 -3 -2 -1 0 new assess authorize scheduled implement review open draft on_hold",
        Status.RESOLVED: "3 4 closed closed_complete closed_successful complete canceled cancelled",
    },
    "problem": {
        Status.FIRING: "1 101 new open",
        Status.ACKNOWLEDGED: "2 3 102 103 104 assess assessment analysis root_cause_analysis fix_in_progress "
        "known_error pending_change in_progress",
        Status.RESOLVED: "4 106 107 resolved closed closed/resolved canceled cancelled completed",
    },
    "task": {
        Status.PENDING: "-5 pending",
        Status.FIRING: "1 open new",
        Status.ACKNOWLEDGED: "2 work_in_progress in_progress",
        Status.RESOLVED: "3 4 7 closed_complete closed_incomplete closed_skipped closed canceled cancelled",
    },
    "alert": {
        Status.FIRING: "open reopen flapping",
        Status.RESOLVED: "closed",
    },
}
STATUSES = {
    f"{kind} {word.replace('_', ' ')}": status
    for kind, found in BY_KIND.items()
    for status, listed in found.items()
    for word in listed.split()
}
BY_PRIORITY = {
    "1": Severity.CRITICAL,
    "2": Severity.HIGH,
    "3": Severity.WARNING,
    "4": Severity.INFO,
    "5": Severity.INFO,
}
IMPACTS = {
    f"impact {impact}, urgency {urgency}": BY_PRIORITY[str(impact + urgency - 1)]
    for impact in (1, 2, 3)
    for urgency in (1, 2, 3)
}
ALERTS = {
    "alert severity 0": Severity.INFO,
    "alert severity 1": Severity.CRITICAL,
    "alert severity 2": Severity.HIGH,
    "alert severity 3": Severity.WARNING,
    "alert severity 4": Severity.WARNING,
    "alert severity 5": Severity.INFO,
}
SEVERITIES = {**BY_PRIORITY, **IMPACTS, **ALERTS, "planning": Severity.INFO}
BIRTHS = frozenset(["insert", "inserted", "create", "created"])
LEVELS = ("impact", "urgency", "severity")
LEVEL = {"high": 1, "medium": 2, "moderate": 2, "low": 3}


def kind(table: str, number: str) -> str:
    """What a record is, from its table, else from the letters of its number; empty where neither says."""
    letters = re.match(r"[a-z]*", number.lower())
    return TABLES.get(table) or PREFIXES.get(letters[0] if letters else "", "")


def state(kind: str, code: object, label: object) -> str:
    """The words of `STATUSES` for a state: by its code if that is known, else by its label."""
    said = [f"{kind} {_plain(word)}" for word in (code, label) if isinstance(word, str | int | float)]
    return next((word for word in said if word in STATUSES), said[0] if said else f"{kind} without a state")


def implied(kind: str, event: str, *, ended: bool) -> str | None:
    """The state of a record that tells none: what happened to it, else whether it ended, else that it is new."""
    if event in BIRTHS or not event:
        return "closed" if ended else "open" if kind == "alert" else "new"
    return event if f"{kind or 'incident'} {event}" in STATUSES else None


def severity(kind: str, levels: Mapping[str, object], priority: object) -> object:
    """The priority; else what impact and urgency make of it, one of them standing for both."""
    if kind == "alert" and levels["severity"] not in (None, ""):
        told = _plain(levels["severity"])
        code = re.match(r"([0-5])\b", told)
        return f"alert severity {code[1]}" if code else told
    said = _plain(priority) if isinstance(priority, str | int | float) else ""
    if said:
        found = re.match(r"([1-5])\b", said)
        return found[1] if found else said
    impact, urgency = _level(levels["impact"]), _level(levels["urgency"])
    if impact or urgency:
        return f"impact {impact or urgency}, urgency {urgency or impact}"
    own = _level(levels["severity"])
    return f"impact {own}, urgency {own}" if own else None


def _plain(word: object) -> str:
    """A code or label in lower case; the codes of JSON numbers without a fraction."""
    said = str(int(word)) if isinstance(word, float) and word.is_integer() else str(word)
    return said.strip().lower().replace("_", " ")


def _level(word: object) -> int:
    said = _plain(word) if isinstance(word, str | int | float) else ""
    found = re.match(r"([1-3])\b", said)
    return int(found[1]) if found else LEVEL.get(said, 0)
