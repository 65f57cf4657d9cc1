"""Which media types are taken, and where in a body its JSON or its mail lies. Pure."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from connectors.intake import parts, strict_json, strict_mail
from core.errors import BadInputError, UnsupportedMediaError

JSON: Final = "application/json"
TEXT: Final = "text/plain"
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data"
MESSAGE: Final = "message/rfc822"
UTF8: Final = frozenset({"utf-8", "utf8"})
FIELD: Final = "payload"
MOST_FIELDS: Final = 100


def media_of(content_type: str) -> str:
    """The media type without its parameters, lower case."""
    return content_type.partition(";")[0].strip().lower()


def require_media(media: str, charset: str | None, also: Collection[str] = ()) -> None:
    """Take JSON under any of its names, and what a kind of source sends besides, in UTF-8.

    Raises:
        UnsupportedMediaError: It is something else.
    """
    if not _is_json(media) and media not in also:
        taken = " or ".join((JSON, *sorted(also)))
        detail = f"Send {taken}; this was {media[:80] or 'without a content type'}."
        raise UnsupportedMediaError(detail)
    said = (charset or "utf-8").strip("\"' ").lower()
    if said not in UTF8:
        detail = f"Send UTF-8; this said charset {said[:40]!r}."
        raise UnsupportedMediaError(detail)


def opened(body: bytes, media: str) -> tuple[Any, tuple[str, ...]]:
    """What a body says, by the strict parser of its kind, with warnings.

    Raises:
        BadInputError: It cannot be read; with what is wrong and where.
    """
    if media == PARTS:
        fields, odd = parts.fields(body)
        value, more = strict_json.parse(_one_json(fields))
        return value, (*odd, *more)
    return strict_mail.parse(body) if media == MESSAGE else strict_json.parse(unwrap(body, media))


def unwrap(body: bytes, media: str) -> bytes:
    """The JSON in a body: of a form its field `payload`, or its only field, or all of its fields as one object.

    Raises:
        BadInputError: It is no form, or it says something twice.
    """
    return _from_form(body) if media == FORM else body


def _from_form(body: bytes) -> bytes:
    fields = _fields(body)
    found: dict[str, str] = {}
    for name, value in fields:
        if name in found:
            detail = f"The form names the field {name[:60]!r} twice."
            raise BadInputError(detail)
        found[name] = value
    return _one_json(found)


def _one_json(found: Mapping[str, str]) -> bytes:
    inner = found.get(FIELD)
    if inner is None and len(found) == 1:
        inner = next(iter(found.values())) or next(iter(found))
    if inner is not None and (FIELD in found or inner.lstrip().startswith(("{", "["))):
        return inner.encode("utf-8", "surrogatepass")
    return json.dumps(found).encode()


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8")
        found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError as error:
        detail = f"The form is not UTF-8: {error.reason} at byte {error.start}."
        raise BadInputError(detail) from error
    except ValueError as error:
        detail = f"The form holds more than {MOST_FIELDS} fields."
        raise BadInputError(detail) from error
    if not found:
        detail = "The form is empty; send JSON in its field `payload`."
        raise BadInputError(detail)
    return found


def _is_json(media: str) -> bool:
    return media == JSON or (media.startswith("application/") and media.endswith("+json"))
