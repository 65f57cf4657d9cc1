"""JSON within a field of JSON, which is how half of the world wraps it."""

from collections.abc import Mapping
from typing import Any

from connectors.intake import strict_json
from connectors.reading import Notes
from core.errors import BadInputError


def nested(value: object, notes: Notes) -> Mapping[str, Any] | list[Any] | None:
    """The object or list in a text of JSON, as strictly as a body is read; None for any other value."""
    if isinstance(value, Mapping | list):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        found, warnings = strict_json.parse(value.encode("utf-8", "replace"))
    except BadInputError as error:
        notes.add(f"The JSON within a field was not read: {error.detail}")
        return None
    for warning in warnings:
        notes.add(warning)
    return found  # type: ignore[no-any-return]  # an object or a list, by the parser's word
