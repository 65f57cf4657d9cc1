"""A payload line by line, each with the path that leads to it from where a mapping starts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from connectors.mapping import paths
from connectors.mapping.paths import Step
from connectors.reading import CONTROL

MOST_LINES, MOST_PLACES = 400, 2000
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the payload.

    Attributes:
        path: what a click on it gives; empty where there is nothing to take.
        into: the field of the form that it is for, where it is for one alone.
        used: whether the mapping looks there.
    """

    text: str
    path: str = ""
    into: str = ""
    used: bool = False


def lines(value: object, told: Mapping[str, str]) -> list[Line]:
    """The payload as lines, as many as anybody reads."""
    used, base = _used(told), _base(value, told)
    found = list(islice(_write(value, (), "", ""), MOST_LINES + 1))
    shown = [_line(text, steps, is_list, base, used) for text, steps, is_list in found[:MOST_LINES]]
    return [*shown, Line("…")] if len(found) > MOST_LINES else shown


def places(value: object, told: Mapping[str, str]) -> list[str]:
    """Every path at which a plain value stands."""
    base = _base(value, told)
    found = islice(_write(value, (), "", ""), MOST_PLACES)
    return [_from(steps, base) for _, steps, is_list in found if steps and not is_list]


def _line(text: str, steps: Steps, is_list: bool, base: Steps, used: set[str]) -> Line:  # noqa: FBT001 -- a row
    if not steps:
        return Line(text)
    if is_list:
        path = paths.write((*steps, None))
        return Line(text, path, "items", path in used)
    path = _from(steps, base)
    return Line(text, path, "", path in used or path.removeprefix("$.") in used)


def _write(value: object, steps: Steps, name: str, end: str) -> Iterator[tuple[str, Steps, bool]]:
    """Text, steps of a plain value or of a list of objects, and whether it is such a list."""
    pad = "  " * len(steps)
    if isinstance(value, Mapping) and value:
        yield f"{pad}{name}{{", (), False
        for at, (key, inner) in enumerate(value.items()):
            yield from _write(inner, (*steps, key), f"{_json(key)}: ", "," if at + 1 < len(value) else "")
        yield f"{pad}}}{end}", (), False
    elif isinstance(value, list) and value:
        yield f"{pad}{name}[", steps if any(isinstance(one, Mapping) for one in value) else (), True
        for at, inner in enumerate(value):
            yield from _write(inner, (*steps, at), "", "," if at + 1 < len(value) else "")
        yield f"{pad}]{end}", (), False
    else:
        is_plain = isinstance(value, str | int | float)
        yield f"{pad}{name}{_json(value)}{end}", steps if is_plain else (), False


def escaped(told: str) -> str:
    """JSON in which what would turn or hide the text after it stands as an escape, so that it is seen."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


def _json(value: object) -> str:
    told = escaped(json.dumps(value, ensure_ascii=False))
    return told if len(told) <= 300 else f"{told[:300]}…"


def _base(value: object, told: Mapping[str, str]) -> Steps:
    """Where an alert starts: what every path inside one has before it."""
    try:
        return paths.parse(told.get("items", "")).steps
    except paths.PathError:
        return (None,) if isinstance(value, list) else ()


def _from(steps: Steps, base: Steps) -> str:
    """The path from the alert, if it lies in one, else from the body."""
    inside = len(steps) > len(base) and all(
        ours is None or ours == theirs for ours, theirs in zip(base, steps, strict=False)
    )
    if inside:
        return paths.write(steps[len(base) :])
    told = paths.write(steps)
    return f"${told}" if told.startswith("[") else f"$.{told}"


def _used(told: Mapping[str, str]) -> set[str]:
    """Whatever stands in the form as a path."""
    listed = {part.strip() for text in told.values() for part in text.replace("\n", ",").split(",")}
    named = {line.partition("=")[2].strip() for line in told.get("labels", "").splitlines()}
    tested = {line.partition("=")[0].strip() for line in told.get("ignore", "").splitlines()}
    return {path.removeprefix("$.") for path in (*listed, *named, *tested)} | {told.get("items", "").strip()}
