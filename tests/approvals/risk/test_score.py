"""S18, line by line."""

from itertools import product

import pytest

from approvals.risk import LEVELS, Tier, UnknownLevelError, score, tier_of
from approvals.risk.tiers import strictest

POINTS = {
    "data": {"public": 0, "internal": 1, "confidential": 3, "restricted": 5},
    "reversibility": {"full": 0, "partial": 2, "none": 5},
    "blast": {"single-user": 0, "team": 1, "department": 2, "organisation": 4, "external": 5},
    "compliance": {"none": 0, "audit-logged": 1, "regulated": 3, "critical": 5},
}


def declared(data: str, reversibility: str, blast: str, compliance: str) -> dict[str, tuple[str, str]]:
    return {
        "data": (data, "d"),
        "reversibility": (reversibility, ""),
        "blast": (blast, ""),
        "compliance": (compliance, ""),
    }


def test_the_points_are_those_of_the_specification():
    assert LEVELS == POINTS


@pytest.mark.parametrize("levels", list(product(*(POINTS[name] for name in POINTS))))
def test_every_combination_adds_up_to_its_sum_and_tier(levels):
    risk = score(declared(*levels))

    expected = sum(POINTS[name][level] for name, level in zip(POINTS, levels, strict=True))
    assert risk.score == expected
    assert risk.tier == (
        "LOW" if expected <= 3 else "MEDIUM" if expected <= 7 else "HIGH" if expected <= 12 else "CRITICAL"
    )
    assert [(factor.name, factor.level) for factor in risk.factors] == list(zip(POINTS, levels, strict=True))
    assert sum(factor.points for factor in risk.factors) == expected


@pytest.mark.parametrize(
    ("total", "tier"),
    [
        (0, "LOW"),
        (3, "LOW"),
        (4, "MEDIUM"),
        (7, "MEDIUM"),
        (8, "HIGH"),
        (12, "HIGH"),
        (13, "CRITICAL"),
        (20, "CRITICAL"),
    ],
)
def test_the_borders_of_the_tiers(total, tier):
    assert tier_of(total) == tier


def test_the_notes_stand_in_the_breakdown():
    assert score(declared("public", "full", "team", "none")).factors[0].note == "d"


@pytest.mark.parametrize(
    ("factors", "says"),
    [
        (declared("secret", "full", "team", "none"), "public, internal, confidential, restricted"),
        (declared("public", "full", "team", "Critical"), "none, audit-logged, regulated, critical"),
        ({"data": ("public", "")}, "full, partial, none"),
        (declared("public", "full", "team", "none") | {"mood": ("bad", "")}, "data, reversibility, blast, compliance"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_allowed(factors, says):
    with pytest.raises(UnknownLevelError, match=says):
        score(factors)


def test_the_strictest_tier_is_the_highest_not_the_last_in_the_alphabet():
    assert strictest(Tier.MEDIUM, Tier.CRITICAL, Tier.HIGH, Tier.LOW) == Tier.CRITICAL
    assert Tier.HIGH.up_to() == (Tier.LOW, Tier.MEDIUM, Tier.HIGH)
