"""Multipart forms (RFC 7578), in which services that receive mail post it with its attachments: fields as text.

The framework's parser reads them. Of files only their names are kept: an attachment is never opened.
"""

import io
import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http.multipartparser import InputStreamExhausted, MultiPartParser, MultiPartParserError

from connectors.intake import mail_text, strict_json
from connectors.reading import Notes
from core.errors import BadInputError

MOST: Final = 100
FIRST_LINE: Final = re.compile(rb"--([0-9A-Za-z'()+_,./:=?-]{1,70})\r?\n")
LOSSLESS: Final = "latin-1"
"""Every byte is a character of it, so that a field can be decoded later, each in the charset that it was sent in."""
CHARSETS: Final = "charsets"
"""The field in which SendGrid names the charsets of the others."""


class _Names(FileUploadHandler):
    """Notes what files are called, and skips them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def new_file(self, field_name: str, file_name: str, *args: object, **kwargs: object) -> None:  # noqa: ARG002 -- theirs
        self.found.append((field_name, file_name))
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 -- theirs
        return None

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 -- theirs
        return None


def fields(body: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields of a form by their names, of files what they are called, with warnings.

    Text is UTF-8 unless the form names another charset for it; what is none is replaced, as in mail.

    Raises:
        BadInputError: It is no such form, says something twice, or holds too much.
    """
    found = FIRST_LINE.match(body)
    if found is None:
        detail = "The form does not begin with its boundary; send multipart/form-data."
        raise BadInputError(detail)
    texts, files = _parsed(body, found[1].decode())
    notes = Notes()
    charsets = _charsets(texts.get(CHARSETS, b""))
    told = {name: mail_text.decoded(data, charsets.get(name, "utf-8"), notes) for name, data in texts.items()}
    for name, file in files:
        _keep(told, name, file)
    return told, tuple(notes.said)


def _parsed(body: bytes, boundary: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    names = _Names()
    meta = {"CONTENT_TYPE": f'multipart/form-data; boundary="{boundary}"', "CONTENT_LENGTH": str(len(body))}
    try:
        post, _ = MultiPartParser(meta, io.BytesIO(body), [names], LOSSLESS).parse()
    except (MultiPartParserError, InputStreamExhausted, SuspiciousOperation, TooManyFilesSent) as error:
        detail = f"The form cannot be read: {type(error).__name__}."
        raise BadInputError(detail) from error
    told = [(_text(name), value) for name, values in post.lists() for value in values]
    if not told and not names.found:
        detail = "The form is empty."
        raise BadInputError(detail)
    if len(told) + len(names.found) > MOST:
        detail = f"The form holds more than {MOST} fields."
        raise BadInputError(detail)
    texts: dict[str, bytes] = {}
    for name, value in told:
        _keep(texts, name, value.encode(LOSSLESS, "replace"))
    return texts, [(_text(name), _text(file)) for name, file in names.found]


def _charsets(told: bytes) -> dict[str, str]:
    value = strict_json.parse(told)[0] if told else {}
    return {name: one for name, one in value.items() if isinstance(one, str)} if isinstance(value, Mapping) else {}


def _keep(kept: dict[str, Any], name: str, value: object) -> None:
    if name in kept:
        detail = f"The form names the field {name[:60]!r} twice."
        raise BadInputError(detail)
    kept[name] = value


def _text(told: str) -> str:
    """A name, which is UTF-8 where it can be; a file's may have been decoded already."""
    try:
        return strict_json.scrub(told.encode(LOSSLESS).decode())
    except ValueError:
        return strict_json.scrub(told)
