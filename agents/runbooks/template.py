"""Fill `{name}` in, and nothing else: no expressions, no nesting, no second pass over what was filled in."""

import re
from collections.abc import Mapping

from agents.runbooks.shape import RunbookError

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every `{name}` replaced.

    Raises:
        RunbookError: A name has no value.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in values:
            raise RunbookError(place=template, why=f"{{{name}}} is not known here.")
        return values[name]

    return NAME.sub(value, template)


def names_in(template: str) -> frozenset[str]:
    """Which names it needs."""
    return frozenset(NAME.findall(template))
