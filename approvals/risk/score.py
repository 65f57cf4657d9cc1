"""The risk score of S18: four factors, added up, with the breakdown that is shown wherever the tier is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from approvals.risk.tiers import Tier

LEVELS: Final[Mapping[str, Mapping[str, int]]] = {
    "data": {"public": 0, "internal": 1, "confidential": 3, "restricted": 5},
    "reversibility": {"full": 0, "partial": 2, "none": 5},
    "blast": {"single-user": 0, "team": 1, "department": 2, "organisation": 4, "external": 5},
    "compliance": {"none": 0, "audit-logged": 1, "regulated": 3, "critical": 5},
}
"""Factor to level to points. Source: S18."""

HIGHEST: Final = ((3, Tier.LOW), (7, Tier.MEDIUM), (12, Tier.HIGH))
"""The highest score of each tier but CRITICAL."""


class UnknownLevelError(ValueError):
    """A factor is missing, unknown, or at a level that does not exist; the message says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One line of the breakdown.

    Attributes:
        name: data, reversibility, blast, compliance.
        level: as declared, one of `LEVELS[name]`.
        points: what it adds to the score, 0..5.
        note: why this level was declared; may be empty.
    """

    name: str
    level: str
    points: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A scored change.

    Attributes:
        score: 0..20, the sum of the factors' points.
        tier: what the score means.
        factors: the breakdown, always all four, always in the same order.
    """

    score: int
    tier: Tier
    factors: tuple[Factor, ...]


def score(declared: Mapping[str, tuple[str, str]]) -> Risk:
    """Add up the declared factors.

    Args:
        declared: all of data, reversibility, blast, compliance to (level, note).

    Raises:
        UnknownLevelError: A factor is missing or unknown, or has a level that does not exist.
    """
    unknown = sorted(set(declared) - set(LEVELS))
    if unknown:
        detail = f"Unknown risk factor {unknown[0]!r}; the factors are {_listed(LEVELS)}."
        raise UnknownLevelError(detail)
    factors = tuple(_factor(name, declared) for name in LEVELS)
    total = sum(factor.points for factor in factors)
    return Risk(score=total, tier=tier_of(total), factors=factors)


def tier_of(total: int) -> Tier:
    """The tier of a score: up to 3 LOW, 7 MEDIUM, 12 HIGH, above CRITICAL."""
    return next((tier for highest, tier in HIGHEST if total <= highest), Tier.CRITICAL)


def _factor(name: str, declared: Mapping[str, tuple[str, str]]) -> Factor:
    if name not in declared:
        detail = f"Risk factor {name!r} is not declared; it is one of {_listed(LEVELS[name])}."
        raise UnknownLevelError(detail)
    level, note = declared[name]
    if level not in LEVELS[name]:
        detail = f"Risk factor {name!r} has no level {level!r}; allowed are {_listed(LEVELS[name])}."
        raise UnknownLevelError(detail)
    return Factor(name=name, level=level, points=LEVELS[name][level], note=note)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names)
