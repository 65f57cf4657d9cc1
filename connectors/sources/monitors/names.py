"""Fields by their plain names, for tools whose bodies people write themselves.

`EVENT.ID`, `event_id`, `eventId` and `{"event": {"id": …}}` are one field, `eventid`.
"""

import re
from collections.abc import Mapping

from connectors import reading

DEEPEST = 6
NO_LETTER = re.compile(r"[^a-z0-9]")


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


def pick(fields: Mapping[str, object], *names: str) -> object:
    """The first of several fields that is there."""
    return next((fields[name] for name in names if name in fields), None)


def _is_template(value: object) -> bool:
    return isinstance(value, str) and reading.TEMPLATE.sub("", value).strip(" -:,/()[]$") == ""
