"""JSON (RFC 8259) from strangers: strict UTF-8, finite numbers, bounded depth and size, storable text."""

import json
import math
import unicodedata
from collections.abc import Sequence
from typing import Any, NoReturn

from core.errors import BadInputError

MAX_DEPTH = 64
MAX_ITEMS = 200_000
MAX_KEYS = 20_000
MAX_DIGITS = 100
MARK = "\ufffd"
BOM = b"\xef\xbb\xbf"


class _Notes:
    """What was odd but bearable while parsing; a sentence each, once."""

    def __init__(self) -> None:
        self.said: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Remember a sentence, up to a limit."""
        if len(self.said) < 20:
            self.said[sentence] = None

    def pairs(self, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """Build an object; of duplicate keys the last one wins, as in most parsers, and it is noted."""
        value = dict(pairs)
        if len(value) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.add(f"The key {scrub(key)[:60]!r} stands twice in one object; the last one counts.")
                seen.add(key)
        return value


def parse(body: bytes) -> tuple[Any, tuple[str, ...]]:
    """Parse a body that must be a JSON object or array; return it with warnings.

    NUL and lone surrogates, which are JSON but no storable text, become U+FFFD with a warning.

    Raises:
        BadInputError: With what is wrong and where.
    """
    notes = _Notes()
    try:
        value = json.loads(
            _text(body),
            object_pairs_hook=notes.pairs,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except RecursionError:
        _refuse(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _refuse(f"This is not JSON: {error.msg} at {where}.", line=error.lineno, column=error.colno)
    if not isinstance(value, dict | list):
        kind = {str: "a string", bool: "true or false", type(None): "null"}.get(type(value), "a number")
        _refuse(f"The body must be a JSON object or array, and it is {kind}.")
    clean = value if _is_plain(body) else _walk(value, notes)
    return clean, tuple(notes.said)


def scrub(text: str) -> str:
    """Text in NFC with NUL and lone surrogates replaced by U+FFFD."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(MARK if "\ud800" <= char <= "\udfff" else char for char in text))
    return text.replace("\0", MARK)


def _text(body: bytes) -> str:
    if not body.strip():
        _refuse("The body is empty; send JSON.")
    if body.startswith(BOM):
        _refuse("The body starts with a byte order mark, at byte 0; send UTF-8 without one.", byte=0)
    try:
        return body.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        _refuse(f"The body is not UTF-8: {error.reason} at byte {error.start}.", byte=error.start)


def _refuse(detail: str, **where: int) -> NoReturn:
    raise BadInputError(detail, **where)


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"The body holds {name}, which is not JSON.")


def _finite(literal: str) -> float:
    value = float(literal) if len(literal) <= 1000 else math.inf
    if not math.isfinite(value):
        _refuse(f"The number {literal[:40]} is beyond what a number can hold.")
    return value


def _bounded(literal: str) -> int:
    if len(literal) > MAX_DIGITS:
        _refuse(
            f"The body holds a whole number of {len(literal)} digits, {literal[:20]}…; at most {MAX_DIGITS} are read."
        )
    return int(literal)


def _is_plain(body: bytes) -> bool:
    """Whether the bytes alone show that a walk would find nothing: neither odd text nor too much of anything."""
    openings = body.count(b"{") + body.count(b"[")
    return openings <= MAX_DEPTH and body.count(b",") < MAX_KEYS and b"\\u" not in body and body.isascii()


def _walk(value: dict[str, Any] | list[Any], notes: _Notes) -> dict[str, Any] | list[Any]:
    """Check depth and counts and scrub texts, without recursion."""
    top: list[Any] = [value]
    todo: list[tuple[Any, int]] = [(top, 0)]
    items = 0
    while todo:
        holder, depth = todo.pop()
        if depth > MAX_DEPTH:
            _refuse(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        items += len(holder)
        if items > MAX_ITEMS:
            _refuse(f"The JSON holds more than {MAX_ITEMS:,} values.")
        if isinstance(holder, dict):
            _clean_keys(holder, notes)
        for at, inner in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if isinstance(inner, str):
                holder[at] = inner if inner.isascii() and "\0" not in inner else _clean(inner, notes)
            elif isinstance(inner, dict | list):
                todo.append((inner, depth + 1))
    return value


def _clean_keys(holder: dict[str, Any], notes: _Notes) -> None:
    if len(holder) > MAX_KEYS:
        _refuse(f"One JSON object holds {len(holder):,} keys; at most {MAX_KEYS:,} are read.")
    if all(key.isascii() and "\0" not in key for key in holder):
        return
    pairs = [(_clean(key, notes), inner) for key, inner in holder.items()]
    holder.clear()
    holder.update(notes.pairs(pairs))


def _clean(text: str, notes: _Notes) -> str:
    cleaned = scrub(text)
    if cleaned is not text and MARK in cleaned and MARK not in text:
        notes.add("NUL characters or lone surrogates were replaced by U+FFFD.")
    return cleaned
