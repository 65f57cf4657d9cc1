"""How a kind of source is connected: the steps of its how-to page, as plain texts for a page of ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

STEP = re.compile(r"^\d+\. +")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
EMPHASIS = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a step: running text, words of a machine in it, or a block of code."""

    text: str
    form: str


@cache
def steps(kind: str) -> Sequence[Sequence[Part]]:
    """What to do at the sender's side; without the step that makes the address. Empty where there is no page."""
    if not re.fullmatch(r"[a-z0-9_-]+", kind):
        return ()
    page = settings.BASE_DIR / "docs" / "howto" / f"connect-{kind}.md"
    try:
        told = page.read_text(encoding="utf-8")
    except OSError:
        return ()
    found = [_parts(step) for step in _numbered(told.partition("\n## ")[0].splitlines())]
    return tuple(step for step in found if not any("manage.py source add" in part.text for part in step))


def _numbered(lines: Sequence[str]) -> list[list[str]]:
    """The lines of each numbered step; a line at the margin ends the last one."""
    found: list[list[str]] = []
    inside = False
    for line in lines:
        if STEP.match(line):
            found.append([STEP.sub("", line)])
            inside = True
        elif line and not line.startswith(" "):
            inside = False
        elif inside:
            found[-1].append(line)
    return found


def _parts(lines: Sequence[str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for code, block in _blocks(lines):
        if code:
            parts.append(Part("\n".join(block), "block"))
            continue
        text = LINK.sub(r"\1", EMPHASIS.sub(r"\1", " ".join(line.strip() for line in block)))
        halves = text.split("`")
        parts += [Part(half, "code" if at % 2 else "text") for at, half in enumerate(halves) if half]
    return tuple(parts)


def _blocks(lines: Sequence[str]) -> list[tuple[bool, list[str]]]:
    """Runs of lines: code (indented by seven or more) or text."""
    found: list[tuple[bool, list[str]]] = []
    for line in lines:
        if not line.strip():
            continue
        code = line.startswith("       ")
        if not found or found[-1][0] != code:
            found.append((code, []))
        found[-1][1].append(line[7:] if code else line)
    return found
