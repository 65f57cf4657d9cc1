"""The part of PromQL that the built-in monitor answers: one plain selector, `name{label="value", …}`. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*')
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


class SelectorError(ValueError):
    """Not a plain selector."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is not there counts as empty."""

    label: str
    operator: str
    value: str

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a series' labels meet it."""
        present = labels.get(self.label, "")
        if self.operator in {"=", "!="}:
            return (present == self.value) == (self.operator == "=")
        return bool(re.fullmatch(self.value, present)) == (self.operator == "=~")


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric's name and conditions on its labels."""

    name: str
    matchers: tuple[Matcher, ...]

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects a series (whose name is checked by the caller)."""
        return all(matcher.holds(labels) for matcher in self.matchers)


def parse(text: str) -> Selector:
    """Read a selector.

    Raises:
        SelectorError: It is something else, or not well formed.
    """
    query = text.strip()
    name = _NAME.match(query)
    if name is None:
        message = "parse error: a selector begins with the name of a metric"
        raise SelectorError(message)
    rest = query[name.end() :].strip()
    if not rest:
        return Selector(name.group(), ())
    if not (rest.startswith("{") and rest.endswith("}")):
        message = f'parse error: unexpected "{rest[:20]}"; this monitor answers plain selectors only'
        raise SelectorError(message)
    return Selector(name.group(), tuple(_matchers(rest[1:-1])))


def _matchers(inner: str) -> list[Matcher]:
    found: list[Matcher] = []
    position = 0
    while inner[position:].strip():
        match = _MATCHER.match(inner, position)
        if match is None:
            message = f'parse error: unexpected "{inner[position : position + 20]}" in label matching'
            raise SelectorError(message)
        found.append(_matcher(*match.groups()))
        position = match.end()
        if position < len(inner):
            if inner[position] != ",":
                message = f'parse error: unexpected "{inner[position]}" in label matching, expected a comma'
                raise SelectorError(message)
            position += 1
    return found


def _matcher(label: str, operator: str, quoted: str) -> Matcher:
    value = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group()), quoted)
    if operator in {"=~", "!~"}:
        try:
            re.compile(value)
        except re.error as error:
            message = f'parse error: "{value}" is no regular expression: {error}'
            raise SelectorError(message) from error
    return Matcher(label, operator, value)
