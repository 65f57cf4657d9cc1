"""How dear a CEL condition may be: one that loops in loops takes hours, one that doubles a text takes all memory.

The library can neither be stopped nor told a limit, so what could grow is refused before it is ever asked.
"""

import re
from collections.abc import Iterator
from typing import Final

LOOPS: Final = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map", "optMap", "optFlatMap"})
"""The macros that bind a name, and so can use a value many times."""

MOST_LOOPS, MOST_WITHIN = 3, 1
MOST_PARTS: Final = {1: 200, 2: 40, 3: 40}
"""Commas and plus signs beside so many loops: each loop may use all of them again."""
TOO_DEAR: Final = (
    f"has too many loops (all, exists, exists_one, filter, map): at most {MOST_LOOPS}, with one inside another, and "
    f"beside one loop at most {MOST_PARTS[1]} commas and plus signs, beside more {MOST_PARTS[2]}. Use matches(), or "
    "several rules"
)
TOKEN: Final = re.compile(
    r'''[bB]?[rR](?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"[^"\n]*"|'[^'\n]*')'''  # raw texts: a backslash is one
    r'''|[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|\'\'\'(?:\\[\s\S]|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')'''
    r"|//[^\n]*|\w+|\S"
)


def is_too_dear(source: str) -> bool:
    """Whether a condition, which compiles, could take long or much memory to answer."""
    words = [word for word in TOKEN.findall(source) if not word.startswith("//")]
    within = list(_within(words))
    parts = sum(word in {",", "+"} for word in words)
    if not within:
        return False
    return len(within) > MOST_LOOPS or max(within) > MOST_WITHIN or parts > MOST_PARTS[len(within)]


def _within(words: list[str]) -> Iterator[int]:
    """For each loop how many others it stands in."""
    brackets: list[bool] = []
    for before, word in zip(["", *words], words, strict=False):
        if word == "(":
            if before in LOOPS:
                yield sum(brackets)
            brackets.append(before in LOOPS)
        elif word == ")" and brackets:
            brackets.pop()
