"""What a ruling may look at: a plain, canonical dictionary that is stored with the decision."""

from collections.abc import Mapping
from typing import Any, Final

NAMES: Final = frozenset(
    {
        "action",  # of the first step, and `actions` of all
        "actions",
        "autonomy",  # observe, suggest, act
        "classes",  # key classes that the limits take
        "confidence",  # of the hypothesis, 0..1
        "criticality",  # critical, important, normal
        "environment",
        "floor_people",  # what the limits ask for at least, and whether they let policy decide alone
        "floor_tier",
        "hour",  # of the day, UTC
        "may_auto",
        "proposer",  # kind: agent, person
        "recent",  # automatic decisions in the last hour, and of them on the same targets
        "recent_on_target",
        "reversible",  # every step has an undo
        "score",  # S18
        "spent",  # whether the policy's hourly allowance of automatic decisions is used up
        "tainted",
        "target",  # of the first step, and `targets` of all
        "targets",
        "tier",
        "weekday",  # 1 Monday to 7 Sunday, UTC
    }
)
"""The names a condition may use."""


def as_facts(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The snapshot as conditions see it: `confidence`, a decimal string where it is stored, becomes a number.

    Raises:
        KeyError: A fact is missing.
        ValueError: The confidence is no number.
    """
    facts = {name: snapshot[name] for name in sorted(NAMES)}
    return {**facts, "confidence": float(facts["confidence"])}
