"""Encoded queries, as the Table API takes them: a part that makes no sense is ignored, and the rest is run.

`^` joins conditions, `^OR` gives an alternative to the one before, `^^` stands for a caret inside a value.
"""

import re
from collections.abc import Callable, Sequence

Row = dict[str, str]
Test = Callable[[Row], bool]

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "!=": lambda left, right: left != right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    "STARTSWITH": lambda left, right: left.startswith(right),
    "LIKE": lambda left, right: right.lower() in left.lower(),
    "NOT IN": lambda left, right: left not in right.split(","),
    "IN": lambda left, right: left in right.split(","),
    "ISEMPTY": lambda left, _: not left,
    "ISNOTEMPTY": lambda left, _: bool(left),
}
_PART = re.compile(rf"([a-z_0-9]+)({'|'.join(re.escape(one) for one in _OPERATORS)})(.*)", re.DOTALL)
_CARET = "\0"


def run(rows: Sequence[Row], query: str, fields: frozenset[str]) -> list[Row]:
    """The rows that an encoded query selects, in the order that it asks for."""
    parts = [part.replace(_CARET, "^") for part in query.replace("^^", _CARET).split("^")]
    found = [row for row in rows if all(any(test(row) for test in group) for group in _groups(parts, fields))]
    for part in reversed(parts):
        match = re.fullmatch(r"ORDERBY(DESC)?(.+)", part)
        for name in reversed(match[2].split(",")) if match else ():
            if match and name in fields:
                found.sort(key=lambda row, name=name: row.get(name, ""), reverse=bool(match[1]))  # type: ignore[misc]
    return found


def _groups(parts: Sequence[str], fields: frozenset[str]) -> list[list[Test]]:
    groups: list[list[Test]] = []
    for part in parts:
        is_or = part.startswith("OR") and not part.startswith("ORDERBY")
        test = _test(part[2:] if is_or else part, fields)
        if test is None:
            continue
        if is_or and groups:
            groups[-1].append(test)
        else:
            groups.append([test])
    return groups


def _test(part: str, fields: frozenset[str]) -> Test | None:
    """One condition; None for what ServiceNow ignores: an unknown field or operator."""
    match = _PART.fullmatch(part)
    if match is None or match[1] not in fields:
        return None
    name, compare, wanted = match[1], _OPERATORS[match[2]], match[3]
    return lambda row: compare(row.get(name, ""), wanted)
