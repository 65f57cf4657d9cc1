"""How risky is a change? Pure: the same factors give the same score, tier and breakdown."""

from approvals.risk.score import LEVELS, Factor, Risk, UnknownLevelError, score, tier_of
from approvals.risk.tiers import Tier

__all__ = ["LEVELS", "Factor", "Risk", "Tier", "UnknownLevelError", "score", "tier_of"]
