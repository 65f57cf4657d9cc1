"""Fields by their plain names, for tools whose bodies people write themselves.

`EVENT.ID`, `event_id`, `eventId` and `{"event": {"id": …}}` are one field, `eventid`.
"""

import re
from collections.abc import Mapping
from typing import Any

from connectors import reading
from connectors.intake import strict_json
from connectors.reading import Notes
from core.errors import BadInputError

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


def within(value: object, notes: Notes) -> Mapping[str, Any] | list[Any] | None:
    """The object or list in a text of JSON, as strictly as a body is read; None for any other value."""
    if isinstance(value, Mapping | list):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        found: Mapping[str, Any] | list[Any] = strict_json.parse(value.encode("utf-8", "replace"))[0]
    except BadInputError as error:
        notes.add(f"The JSON within a field was not read: {error.detail}")
        return None
    return found


def _is_template(value: object) -> bool:
    return isinstance(value, str) and reading.TEMPLATE.sub("", value).strip(" -:,/()[]$") == ""
