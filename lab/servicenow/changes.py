"""The state model of changes out of the box: which state may follow which, what it needs, and what approvals do."""

from collections.abc import Callable, Mapping
from typing import Final

from lab.servicenow.queries import Row

NEXT: Final = {
    "-5": frozenset({"-4", "4"}),
    "-4": frozenset({"-3", "-5", "4"}),
    "-3": frozenset({"-2", "-5", "4"}),
    "-2": frozenset({"-1", "-5", "4"}),
    "-1": frozenset({"0", "4"}),
    "0": frozenset({"3"}),
    "3": frozenset[str](),
    "4": frozenset[str](),
}
NEW, ASSESS, AUTHORIZE, SCHEDULED, CLOSED = "-5", "-4", "-3", "-2", "3"
_RULE: Final = "State model - Can change state?"

Update = Callable[[str, str, dict[str, str]], object]
"""What the platform changes by itself: (table, sys_id, values)."""


class Refused(Exception):  # noqa: N818 -- a refusal is what it is
    """A data policy or business rule said no."""


def check_new(values: Mapping[str, str]) -> None:
    """A change begins in New."""
    if values.get("state", NEW) != NEW:
        raise _aborted()


def check(row: Row, values: Mapping[str, str]) -> None:
    """Whether a change may go where these values send it."""
    wanted = values.get("state", row["state"])
    if wanted == row["state"]:
        return
    if wanted not in NEXT[row["state"]]:
        raise _aborted()
    if (row["state"], wanted) == (AUTHORIZE, SCHEDULED) and row["approval"] != "approved":
        raise _aborted()
    if wanted == ASSESS:
        require(row, values, {"assignment_group": "Assignment group"})
    if wanted == CLOSED:
        require(row, values, {"close_code": "Close code", "close_notes": "Close notes"})


def require(row: Row, values: Mapping[str, str], fields: Mapping[str, str]) -> None:
    """The data policy: these fields are filled."""
    missing = [label for name, label in fields.items() if not (values.get(name) or row[name])]
    if missing:
        msg = f"Data Policy Exception: The following fields are mandatory: {', '.join(missing)}"
        raise Refused(msg)


def answered(change: Row, approvers: list[Row], *, everybody: bool, update: Update) -> None:
    """One of the approvers answered: approved once enough did, back to New if one said no."""
    open_ = change["state"] in {ASSESS, AUTHORIZE} or change["approval"] == "requested"
    states = [row["state"] for row in approvers]
    if "rejected" in states and open_:
        back = {"state": NEW} if change["state"] in {ASSESS, AUTHORIZE} else {}
        update("change_request", change["sys_id"], {"approval": "rejected", **back})
    elif "approved" in states and open_ and not (everybody and "requested" in states):
        on = {"state": SCHEDULED} if change["state"] in {ASSESS, AUTHORIZE} else {}
        update("change_request", change["sys_id"], {"approval": "approved", **on})
        for row in approvers:
            if row["state"] == "requested":
                update("sysapproval_approver", row["sys_id"], {"state": "not_required"})


def _aborted() -> Refused:
    return Refused(
        f"Operation against file 'change_request' was aborted by Business Rule '{_RULE}^b2b7a2a0c3012200'. "
        f"Business Rule Stack:{_RULE}"
    )
