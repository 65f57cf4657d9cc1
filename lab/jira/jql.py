"""The part of JQL that is needed here: equality, a time since when, and the order.

A date has minutes and no zone: it is one of the account's own zone. A relative one, `-15m`, is before now.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lab.jira.checks import refusal

_CLAUSE = re.compile(r'(\w+)\s*(>=|=)\s*(?:"([^"]*)"|([\w-]+))')
_RELATIVE = re.compile(r"-(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def run(issues: list[dict[str, Any]], jql: str, *, now: datetime, zone: str) -> list[dict[str, Any]]:
    """The issues that a query finds.

    Raises:
        RefusalError: 400 where it makes no sense; nothing of it is run.
    """
    wanted, _, order = re.sub(r"\s+ORDER BY\s+", "\0", jql.strip()).partition("\0")
    tests = [_test(part.strip(), now, zone) for part in wanted.split(" AND ")]
    found = [one for one in issues if all(test(one) for test in tests)]
    name, _, direction = order.strip().partition(" ")
    if name:
        found.sort(key=lambda one: one["fields"][name], reverse=direction.upper() == "DESC")
    return found


def _test(part: str, now: datetime, zone: str) -> Callable[[dict[str, Any]], bool]:
    match = _CLAUSE.fullmatch(part)
    if match is None:
        raise refusal(400, f"Error in the JQL Query: Expecting operator but got '{part[:40]}'.")
    name, operator, value = match[1], match[2], match[3] if match[3] is not None else match[4]
    if (name, operator) == ("labels", "="):
        return lambda issue: value in issue["fields"]["labels"]
    if (name, operator) == ("project", "="):
        return lambda issue: issue["fields"]["project"]["key"] == value
    if (name, operator) == ("updated", ">="):
        since = _moment(value, now, zone)
        return lambda issue: datetime.fromisoformat(issue["fields"]["updated"]) >= since
    raise refusal(400, f"Field '{name}' does not exist or you do not have permission to view it.")


def _moment(value: str, now: datetime, zone: str) -> datetime:
    if relative := _RELATIVE.fullmatch(value):
        return now - timedelta(**{_UNITS[relative[2]]: int(relative[1])})
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            continue
    raise refusal(
        400, f"Date value '{value}' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm'."
    )
