"""Fields by their plain names, for tools whose bodies people write themselves.

`EVENT.ID`, `event_id`, `eventId` and `{"event": {"id": …}}` are one field, `eventid`.
"""

import re
from collections.abc import Mapping

from connectors import reading

DEEPEST = 6
NO_LETTER = re.compile(r"[^a-z0-9]")
ENDS = re.compile(r"\n|\s-\s(?=[A-Z][A-Za-z ]{2,20}: )")
LINE = re.compile(r"[\s*_>`•-]*([A-Za-z][A-Za-z _]{1,30}?)[*_` ]*:[*_`]*\s+(.+)", re.DOTALL)


def plain(value: object, prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Every field of an object and of the objects in it by its plain name; of two with one name the outer one.

    Empty values, and texts that are nothing but an unexpanded template, are absent.
    """
    own: dict[str, object] = {}
    inner: dict[str, object] = {}
    for name, told in reading.mapping(value).items():
        key = prefix + NO_LETTER.sub("", str(name).lower())
        if isinstance(told, Mapping):
            inner = plain(told, key, depth + 1) | inner if depth < DEEPEST else inner
        elif told not in (None, "") and not _is_template(told):
            own.setdefault(key, told)
    return inner | own


def lines(text: str) -> dict[str, str]:
    """The lines `Name: value` of a message for people, whatever bullets and stars it has."""
    found = (LINE.match(line) for line in ENDS.split(text[: reading.DESCRIPTION]))
    told = ((one[1].strip(), one[2].strip(" \t\r*_`")) for one in found if one)
    return {name: value for name, value in told if value}


def inner(value: object, *wrappers: str) -> object:
    """The object that a sender or a relay put into one field of another, such as `{"payload": {…}}`; else the value."""
    body = reading.mapping(value)
    return next((body[name] for name in wrappers if isinstance(body.get(name), Mapping) and body[name]), value)


def pick(fields: Mapping[str, object], *names: str) -> object:
    """The first of several fields that is there."""
    return next((fields[name] for name in names if name in fields), None)


def _is_template(value: object) -> bool:
    return isinstance(value, str) and reading.TEMPLATE.sub("", value).strip(" -:,/()[]$") == ""
