"""What a change needs at least, by its steps and the signed limits; claims in the change do not matter here."""

from dataclasses import dataclass

from proof.documents import Change, Limit, Policy, Step, Unlisted, rank
from proof.documents.policy import within

AUTOMATIC_CEILING = "MEDIUM"
"""No policy can let a service decide above this tier alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """The floor under a change.

    Attributes:
        tier, people: at least; a claim below either is invalid.
        classes: the classes of keys that count.
        may_auto: whether the policy service may decide alone.
        sentence: why, for people.
    """

    tier: str
    people: int
    classes: frozenset[str]
    may_auto: bool
    sentence: str


def requirement(change: Change, policy: Policy) -> Requirement:
    """The strictest of what the limits say about each step; an action that no limit names is CRITICAL."""
    floors = [floor for step in change.steps for floor in _floors(step, policy)]
    strictest = max(floors, key=lambda floor: (rank(floor[0].tier), floor[0].people))
    tier = strictest[0].tier
    classes = frozenset.intersection(*(floor.classes for floor, _ in floors))
    ceiling = min(rank(policy.auto_max_tier), rank(AUTOMATIC_CEILING))
    may_auto = all(isinstance(floor, Limit) and floor.auto for floor, _ in floors) and rank(tier) <= ceiling
    return Requirement(
        tier=tier,
        people=max(floor.people for floor, _ in floors),
        classes=classes,
        may_auto=may_auto,
        sentence=strictest[1],
    )


def protected(change: Change, policy: Policy) -> list[str]:
    """The targets of a change on which nothing may act."""
    return [step.target for step in change.steps if within(policy.protected_targets, step.target)]


def _floors(step: Step, policy: Policy) -> list[tuple[Limit | Unlisted, str]]:
    action, target = step.action, step.target
    params = {param.name: param.value for param in step.params}
    matching = [limit for limit in policy.limits if limit.covers(action, target, params)]
    if not matching:
        return [(policy.unlisted, f"No limit names {action} on {target}, so it is {policy.unlisted.tier}.")]
    return [(limit, f"{action} on {target} is at least {limit.tier}.") for limit in matching]
