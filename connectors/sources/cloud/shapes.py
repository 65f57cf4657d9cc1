"""What the clouds' bodies have in common: base64, lists of name and value, labels in several spellings."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Outcome, Parsed
from connectors.reading import Notes
from connectors.told import Told, rejected

SERVICE = ("service", "service_name", "app.kubernetes.io/name", "application", "app")
ENVIRONMENT = ("environment", "env", "deployment_environment", "stage")
TEAM = ("team", "owner", "squad")
ORDER = (Outcome.CONTROL, Outcome.IGNORED, Outcome.REJECT)


def decoded(value: object) -> object:
    """The text that a text in base64 spells; what spells none stays what it is."""
    try:
        return base64.b64decode(value, validate=True).decode() if isinstance(value, str) else value
    except (binascii.Error, ValueError):
        return value


def pairs(value: object) -> dict[str, Any]:
    """`[{"name": "a", "value": 1}]` or `{"a": 1}` as a dictionary; names that are no texts are left out."""
    if isinstance(value, Mapping):
        return dict(value)
    listed = value if isinstance(value, list) else []
    found = ((one.get("name"), one.get("value")) for one in listed if isinstance(one, Mapping))
    return {name: inner_value for name, inner_value in found if isinstance(name, str) and name}


def several(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, of what may be no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str) and one] if isinstance(value, list) else []


def paragraphs(*values: object) -> str:
    """The texts among the values, each a paragraph, none twice."""
    return "\n\n".join(dict.fromkeys(one.strip() for one in values if isinstance(one, str) and one.strip()))


def together(read: Iterable[Parsed | Iterable[Told]], notes: Notes, nothing: str) -> Parsed | list[Told]:
    """What several messages in one delivery tell: their alerts, else the weightiest of what they are instead."""
    told: list[Told] = []
    others: list[Parsed] = []
    for one in read:
        if isinstance(one, Parsed):
            others.append(one)
        else:
            told.extend(one)
    if not told:
        return min(others, key=lambda one: ORDER.index(one.outcome), default=rejected(nothing))
    for other in others:
        for warning in other.warnings:
            notes.add(warning)
    return told


def is_text(value: object) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def labels(*groups: Mapping[str, object] | object) -> dict[str, object]:
    """Several groups of labels as one, without those that are empty; the first to name one wins."""
    found: dict[str, object] = {}
    for group in groups:
        for name, value in reading.mapping(group).items():
            if value not in (None, "", [], {}):
                found.setdefault(str(name), value)
    return found


def named(names: Iterable[str], *groups: Mapping[str, object] | object) -> object:
    """The first of several labels, whatever its case and its `_`, `-` and `.`, in the first group that has it."""
    for group in groups:
        found = {_plain(str(name)): value for name, value in reading.mapping(group).items() if value not in (None, "")}
        for name in names:
            if _plain(name) in found:
                return found[_plain(name)]
    return None


def service(*groups: Mapping[str, object] | object) -> object:
    """The label that names the service."""
    return named(SERVICE, *groups)


def environment(*groups: Mapping[str, object] | object) -> object:
    """The label that names the environment."""
    return named(ENVIRONMENT, *groups)


def team(*groups: Mapping[str, object] | object) -> object:
    """The label that names who looks after it."""
    return named(TEAM, *groups)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "")
