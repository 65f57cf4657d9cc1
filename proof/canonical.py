"""Canonical JSON: one value, one sequence of bytes (RFC 8785 on a restricted profile)."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import NoReturn

MAX_BYTES = 60_000
MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1
KEY = re.compile(r"_?[a-z][A-Za-z0-9_]*\Z")
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class CanonicalError(ValueError):
    """The value or the bytes lie outside the profile."""


def dumps(value: object, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Write a value as canonical bytes.

    On this profile (ASCII keys, no floats) sorted compact JSON in UTF-8 is RFC 8785. Text must be in normal form C;
    that is checked here only, because the normal form depends on the Unicode version of whoever reads.

    Raises:
        CanonicalError: The value has what the profile lacks, or is larger than `max_bytes`.
    """
    _check(value, depth=1, writing=True)
    return _encode(value, max_bytes)


def loads(data: bytes, *, max_bytes: int = MAX_BYTES) -> object:
    """Read canonical bytes; anything that would not be written back as exactly these bytes is refused.

    Raises:
        CanonicalError: The bytes are not the canonical form of a value of the profile.
    """
    if len(data) > max_bytes:
        msg = f"The document has {len(data)} bytes; {max_bytes} are allowed."
        raise CanonicalError(msg)
    try:
        value: object = DECODER.decode(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        msg = "The document is not JSON in UTF-8."
        raise CanonicalError(msg) from error
    _check(value, depth=1, writing=False)
    if _encode(value, max_bytes) != data:
        msg = "The document is JSON, but not in canonical form."
        raise CanonicalError(msg)
    return value


def sha256(data: bytes) -> str:
    """The digest by which bytes are addressed: SHA-256, lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def _encode(value: object, max_bytes: int) -> bytes:
    text = ENCODER.encode(value)
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        msg = "Text holds half of a surrogate pair."
        raise CanonicalError(msg) from error
    if len(data) > max_bytes:
        msg = f"The document has {len(data)} bytes; {max_bytes} are allowed."
        raise CanonicalError(msg)
    return data


def _check(value: object, *, depth: int, writing: bool) -> None:
    if depth > MAX_DEPTH:
        msg = f"The document is nested deeper than {MAX_DEPTH} levels."
        raise CanonicalError(msg)
    if isinstance(value, dict):
        _check_names(value)
        members: Iterable[object] = value.values()
    elif isinstance(value, list | tuple):
        members = value
    else:
        _check_scalar(value, writing=writing)
        return
    for member in members:
        if depth == MAX_DEPTH or type(member) is not str or not member.isascii():  # plain text is nearly all there is
            _check(member, depth=depth + 1, writing=writing)


def _check_names(value: dict[object, object]) -> None:
    for key in value:
        if not isinstance(key, str) or not KEY.match(key):
            msg = f"{key!r} is not a member name that is allowed."
            raise CanonicalError(msg)


def _check_scalar(value: object, *, writing: bool) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            msg = "An integer is beyond 2^53 - 1; write it as text."
            raise CanonicalError(msg)
    elif not isinstance(value, str):
        msg = f"{type(value).__name__} has no canonical form; write decimals as text."
        raise CanonicalError(msg)
    elif writing and not unicodedata.is_normalized("NFC", value):
        msg = "Text is not in normal form C."
        raise CanonicalError(msg)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        msg = "A member name occurs twice."
        raise CanonicalError(msg)
    return members


def _integer(text: str) -> int:
    if len(text) > len("-9007199254740991"):
        msg = "An integer is beyond 2^53 - 1; write it as text."
        raise CanonicalError(msg)
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    msg = f"{text[:20]} is not an integer; write decimals as text."
    raise CanonicalError(msg)


DECODER = json.JSONDecoder(
    parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_integer, object_pairs_hook=_object
)
