"""The one place that knows the CEL library: compile a condition, ask it about facts.

Source: https://github.com/google/cel-spec; the library is `common-expression-language` (module `cel`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import cel

from core.expression_cost import TOO_DEAR, is_too_dear

LIBRARY: Final = f"common-expression-language {version('common-expression-language')}"
"""Name and version, stored with every decision, so that a replay knows what answered then."""

MAX_SOURCE: Final = 2_000
BINDING: Final = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")
"""A macro such as `targets.exists(t, …)` binds a name of its own; the library lists it among the variables."""

NEVER: Final = re.compile(r"^Undefined variable or function|not a valid regex")
"""What the library says of a condition whose facts are not to blame."""


class ExpressionError(ValueError):
    """A condition cannot be read, or cannot be answered from this snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A compiled CEL expression that answers yes or no.

    Attributes:
        source: as written in the rules.
        needs: the names it speaks of; all must be in the snapshot, even where the answer would not depend on them.
    """

    source: str
    needs: frozenset[str]
    program: Any  # cel.Program, which has no types

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Answer it.

        Raises:
            ExpressionError: A name is missing, types do not fit, or the answer is neither yes nor no.
        """
        missing = sorted(self.needs - set(facts))
        if missing:
            detail = f"The snapshot has no {missing[0]!r}, which {self.source!r} asks for."
            raise ExpressionError(detail)
        try:
            answer = self.program.execute(dict(facts))
        except (RuntimeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            detail = f"{self.source!r} cannot be answered: {error}"
            raise ExpressionError(detail) from error
        if not isinstance(answer, bool):
            detail = f"{self.source!r} answers {answer!r}; a condition must answer true or false."
            raise ExpressionError(detail)
        return answer

    def fault(self, facts: Mapping[str, Any]) -> str:
        """Why it can never be answered, as far as these facts show; empty where other facts may answer it."""
        try:
            self.holds(facts)
        except ExpressionError as error:
            cause = error.__cause__
            data_may_mend = isinstance(cause, RuntimeError | LookupError | ValueError | ArithmeticError)
            return "" if data_may_mend and not NEVER.search(str(cause)) else str(error)
        return ""


def compile_condition(source: str) -> Condition:
    """Compile a condition.

    Raises:
        ExpressionError: It is not CEL, too long, or could take too long to answer.
    """
    if len(source) > MAX_SOURCE:
        detail = f"A condition has {len(source)} characters; {MAX_SOURCE} are allowed."
        raise ExpressionError(detail)
    try:
        program = cel.compile(source)
    except (ValueError, RuntimeError) as error:
        detail = f"{source!r} is not CEL: {error}"
        raise ExpressionError(detail) from error
    if is_too_dear(source):
        detail = f"{_short(source)} {TOO_DEAR}."
        raise ExpressionError(detail)
    needs = frozenset(program.variables()) - frozenset(BINDING.findall(source))
    return Condition(source=source, needs=needs, program=program)


def _short(source: str) -> str:
    return repr(source if len(source) <= 80 else f"{source[:79]}…")
