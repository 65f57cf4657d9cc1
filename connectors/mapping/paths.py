"""Paths into JSON from outside: `labels.host`, `tags[0]`, `["odd name"]`, `items[*].x`; `$` starts at the whole body.

A path that starts with `=` is a constant. Following one only looks things up: nothing is ever run.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONGEST, MOST_STEPS = 300, 20
NAME = re.compile(r"""[^\s.\[\]"'=$*{}()]+""")
BRACKET = re.compile(r"""\[(?:(?P<at>\d{1,6})|(?P<all>\*)|(?P<name>"(?:[^"\\]|\\.)*"))\]""")
SPELLING = 'Write names with dots between them, [0] or [*] for lists, and ["odd name"] in quotes.'
Step = str | int | None


class PathError(ValueError):
    """This is no path; the sentence says where and why."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path as it was written, and its steps: a name, a place in a list, or None for every place.

    Attributes:
        from_body: whether it starts at the whole body rather than at one alert of a list.
        constant: the text it stands for instead; then it has no steps.
    """

    text: str
    steps: tuple[Step, ...] = ()
    from_body: bool = False
    constant: str | None = None


def parse(text: str) -> Path:
    """Read a path.

    Raises:
        PathError: It is none.
    """
    said = text.strip()
    if len(said) > LONGEST:
        detail = f"A path has at most {LONGEST} characters."
        raise PathError(detail)
    if said.startswith("="):
        return Path(said, constant=said[1:].strip())
    from_body = said.startswith("$")
    rest = said[1:] if from_body else said
    if not rest and from_body:
        return Path(said, from_body=True)
    steps = tuple(_steps(rest, said, dotted=from_body))
    if len(steps) > MOST_STEPS:
        detail = f"{said[:40]!r} has more than {MOST_STEPS} steps."
        raise PathError(detail)
    return Path(said, steps, from_body)


def write(steps: tuple[Step, ...]) -> str:
    """The steps as a path, as `parse` reads it; what cannot be seen stands as an escape."""
    told = ""
    for step in steps:
        if step is None or isinstance(step, int):
            told += f"[{'*' if step is None else step}]"
        elif NAME.fullmatch(step) and step.isprintable():
            told += f".{step}" if told else step
        else:
            told += f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
    return told


def follow(path: Path, value: object) -> Iterator[object]:
    """Whatever stands there, in order; nothing where the way ends. Costs no more than the value has parts."""
    if path.constant is not None:
        yield path.constant
    else:
        yield from _follow(path.steps, value)


def _follow(steps: tuple[Step, ...], value: object) -> Iterator[object]:
    for at, step in enumerate(steps):
        if step is None:
            for inner in value if isinstance(value, list) else ():
                yield from _follow(steps[at + 1 :], inner)
            return
        there, value = _at(step, value)
        if not there:
            return
    yield value


def _at(step: str | int, value: object) -> tuple[bool, object]:
    """Whether there is such a part, and the part."""
    if isinstance(step, str):
        return (True, value[step]) if isinstance(value, Mapping) and step in value else (False, None)
    return (True, value[step]) if isinstance(value, list) and step < len(value) else (False, None)


def _steps(rest: str, said: str, *, dotted: bool) -> Iterator[Step]:
    at = 0
    while at < len(rest) or at == 0:
        bracket = BRACKET.match(rest, at)
        if bracket:
            yield _in_brackets(bracket, said)
            at = bracket.end()
            continue
        start = at + 1 if (at or dotted) and rest[at : at + 1] == "." else at
        name = NAME.match(rest, start) if start > at or (at == 0 and not dotted) else None
        if name is None:
            detail = f"{said[:60]!r} is no path: look at character {at + 1 + dotted}. {SPELLING}"
            raise PathError(detail)
        yield name[0]
        at = name.end()


def _in_brackets(found: re.Match[str], said: str) -> Step:
    if found["name"] is None:
        return int(found["at"]) if found["at"] is not None else None
    try:
        return str(json.loads(found["name"]))
    except ValueError:
        detail = f"{said[:60]!r} is no path: {found['name'][:40]} is no JSON text."
        raise PathError(detail) from None
