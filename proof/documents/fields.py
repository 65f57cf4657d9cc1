"""Read the members of a document one by one, each with its type; whatever is left over is refused."""

import re
from collections.abc import Callable, Collection
from typing import TypeVar

from proof import canonical
from proof.times import is_time

HEX_128 = re.compile(r"[0-9a-f]{32}\Z")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z")
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*\Z")

T = TypeVar("T")


class DocumentError(ValueError):
    """The bytes are not a document of the expected type."""


class Fields:
    """The members of one JSON object, taken one at a time."""

    __slots__ = ("_members", "_path")

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            msg = f"{path} is not an object."
            raise DocumentError(msg)
        self._members = dict(value)
        self._path = path

    def take(self, name: str) -> object:
        """A member of whatever type.

        Raises:
            DocumentError: It is missing.
        """
        if name not in self._members:
            msg = f"{self._path} has no {name}."
            raise DocumentError(msg)
        return self._members.pop(name)

    def has(self, name: str) -> bool:
        """Whether a member is there and not taken yet; for members that may be left out."""
        return name in self._members

    def text(self, name: str, pattern: re.Pattern[str] | None = None, *, empty: bool = False) -> str:
        """A text member; with a pattern it must match, unless it is empty and may be."""
        value = self.take(name)
        if not isinstance(value, str) or not ((empty and value == "") or _fits(value, pattern)):
            msg = f"{self._path}.{name} is not the text it should be."
            raise DocumentError(msg)
        return value

    def one_of(self, name: str, allowed: Collection[str]) -> str:
        """A text member out of a closed list."""
        value = self.text(name)
        if value not in allowed:
            msg = f"{self._path}.{name} is {value!r}, none of {', '.join(sorted(allowed))}."
            raise DocumentError(msg)
        return value

    def integer(self, name: str, *, minimum: int = 0) -> int:
        """A whole number."""
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            msg = f"{self._path}.{name} is not a whole number of at least {minimum}."
            raise DocumentError(msg)
        return value

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self.take(name)
        if not isinstance(value, bool):
            msg = f"{self._path}.{name} is not true or false."
            raise DocumentError(msg)
        return value

    def texts(self, name: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        found = []
        for value in self._list(name):
            if not isinstance(value, str) or (pattern and not pattern.match(value)):
                msg = f"{self._path}.{name} holds something that is not the text it should be."
                raise DocumentError(msg)
            found.append(value)
        return tuple(found)

    def nested(self, name: str, read: "Callable[[Fields], T]") -> T:
        """An object member, read to its end."""
        return whole(self.take(name), f"{self._path}.{name}", read)

    def objects(self, name: str, read: "Callable[[Fields], T]") -> tuple[T, ...]:
        """A list of objects, each read to its end."""
        items = enumerate(self._list(name))
        return tuple(whole(value, f"{self._path}.{name}[{place}]", read) for place, value in items)

    def end(self) -> None:
        """Nothing may be left.

        Raises:
            DocumentError: Something is.
        """
        if self._members:
            msg = f"{self._path} has members that are not known: {', '.join(sorted(self._members))}."
            raise DocumentError(msg)

    def _list(self, name: str) -> list[object]:
        value = self.take(name)
        if not isinstance(value, list):
            msg = f"{self._path}.{name} is not a list."
            raise DocumentError(msg)
        return value


def _fits(value: str, pattern: re.Pattern[str] | None) -> bool:
    if pattern is None:
        return True
    return bool(pattern.match(value)) and (pattern is not TIME or is_time(value))


def whole(value: object, path: str, read: Callable[[Fields], T]) -> T:
    """Read an object that must hold nothing but what the reader takes."""
    fields = Fields(value, path)
    result = read(fields)
    fields.end()
    return result


def document(data: bytes, kind: str, read: Callable[[Fields], T], *, max_bytes: int = canonical.MAX_BYTES) -> T:
    """Read a canonical document of a given `_type`.

    Raises:
        DocumentError: It is not canonical, of another type, or not of that type's form.
    """

    def typed(fields: Fields) -> T:
        if fields.take("_type") != kind:
            msg = f"The document is not of type {kind}."
            raise DocumentError(msg)
        return read(fields)

    try:
        value = canonical.loads(data, max_bytes=max_bytes)
    except canonical.CanonicalError as error:
        raise DocumentError(str(error)) from error
    return whole(value, "document", typed)
