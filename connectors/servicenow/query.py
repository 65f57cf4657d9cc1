"""Encoded queries that cannot be broken out of, and a second look at every row that comes back.

ServiceNow ignores a part of a query that it does not understand and runs the rest, and it runs `javascript:` in values.
So values are escaped or refused, and a row counts only if it says itself what was asked for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import BadInputError

OPERATORS: Final = frozenset({"=", ">="})
LONGEST: Final = 200
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_BAD: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition: a field equals a value, or is not before it."""

    field: str
    operator: str
    value: str

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row says so itself."""
        said = text_of(row.get(self.field))
        return said == self.value if self.operator == "=" else said >= self.value


def equals(field: str, value: str) -> Condition:
    """A field has this value."""
    return Condition(field=field, operator="=", value=value)


def since(field: str, value: str) -> Condition:
    """A time is not before this one."""
    return Condition(field=field, operator=">=", value=value)


def encode(conditions: Iterable[Condition], order: Iterable[str] = ()) -> str:
    """The `sysparm_query`.

    Raises:
        BadInputError: There is no condition, or a value could do more than be compared.
    """
    parts = [f"{_field(one.field)}{_operator(one.operator)}{_value(one.value)}" for one in conditions]
    if not parts:
        detail = "A query of ServiceNow needs a condition; without one it returns everything."
        raise BadInputError(detail)
    return "^".join([*parts, *(f"ORDERBY{_field(name)}" for name in order)])


def text_of(value: object) -> str:
    """The value of a field, of a reference object too; empty for what has none."""
    if isinstance(value, Mapping):
        value = value.get("value", "")
    return value if isinstance(value, str) else ""


def label_of(value: object) -> str:
    """What a field shows to people."""
    if isinstance(value, Mapping):
        value = value.get("display_value", "")
    return value if isinstance(value, str) else ""


def _field(name: str) -> str:
    if not _FIELD.fullmatch(name) or name.startswith("orderby"):
        detail = f"{name[:80]!r} is no name of a field in ServiceNow."
        raise BadInputError(detail)
    return name


def _operator(operator: str) -> str:
    if operator not in OPERATORS:
        detail = f"{operator[:20]!r} is not among the comparisons that are used: {', '.join(sorted(OPERATORS))}."
        raise BadInputError(detail)
    return operator


def _value(value: str) -> str:
    if not value or len(value) > LONGEST or _BAD.search(value) or "javascript:" in value.lower():
        detail = f"This cannot stand in a query of ServiceNow: {value[:60]!r}."
        raise BadInputError(detail)
    return value.replace("^", "^^")
