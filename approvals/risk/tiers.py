"""The four tiers, in order."""

from enum import StrEnum


class Tier(StrEnum):
    """LOW < MEDIUM < HIGH < CRITICAL; compare by `rank`, never by spelling."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """0 for LOW to 3 for CRITICAL."""
        return list(Tier).index(self)

    def up_to(self) -> tuple["Tier", ...]:
        """This tier and all below it, lowest first."""
        return tuple(Tier)[: self.rank + 1]


def strictest(*tiers: Tier) -> Tier:
    """The highest of the tiers."""
    return max(tiers, key=lambda tier: tier.rank)
