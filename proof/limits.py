"""What a change needs at least, by its steps and the signed limits; claims in the change do not matter here."""

from dataclasses import dataclass, replace

from proof.documents import Change, Limit, Policy, Step, Unlisted, rank
from proof.documents.demands import Places
from proof.documents.policy import within
from proof.registry_document import APPROVER

AUTOMATIC_CEILING = "MEDIUM"
"""No policy can let a service decide above this tier alone."""
OWNERS = "owners"
Floor = Limit | Unlisted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a quorum: for one person of a group, with a key of one of these classes."""

    group: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """Who must sign for one step: all places of one of the alternatives, each place another person.

    Quorums of different steps and limits must all hold; a person may fill one place in each of them.

    Attributes:
        classes: of the keys that take the places that a raised number of people adds.
        distinct_teams: of how many teams the people must be at least.
    """

    alternatives: tuple[tuple[Place, ...], ...]
    classes: frozenset[str]
    distinct_teams: int

    def raised_to(self, people: int) -> "Quorum":
        """The same with places for approvers added, so that each alternative has at least so many."""
        more = Place(group=APPROVER, classes=self.classes)
        padded = tuple((*places, *[more] * (people - len(places))) for places in self.alternatives)
        return replace(self, alternatives=padded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """The floor under a change.

    Attributes:
        tier, people: at least; a claim below either is invalid.
        classes: the classes of keys that some place takes.
        may_auto: whether the policy service may decide alone.
        quorums: all of them must hold.
        sentence: why, for people.
    """

    tier: str
    people: int
    classes: frozenset[str]
    may_auto: bool
    quorums: tuple[Quorum, ...]
    sentence: str

    @property
    def groups(self) -> frozenset[str]:
        """Every group of which somebody could take a place."""
        return frozenset(
            place.group for quorum in self.quorums for places in quorum.alternatives for place in places
        ) | {APPROVER}


def requirement(change: Change, policy: Policy) -> Requirement:
    """The strictest of what the limits say about each step; an action that no limit names is CRITICAL."""
    floors: list[tuple[Floor, str, str]] = []
    for step in change.steps:
        floors += _floors(step, policy)
    return strictest(floors, policy)


def strictest(floors: list[tuple[Floor, str, str]], policy: Policy) -> Requirement:
    """What (floor, target, sentence) come to together."""
    top = max(floors, key=lambda item: (rank(item[0].tier), item[0].people))
    ceiling = min(rank(policy.auto_max_tier), rank(AUTOMATIC_CEILING))
    quorums = tuple(dict.fromkeys(_quorum(floor, target) for floor, target, _ in floors))
    alternatives = [places for quorum in quorums for places in quorum.alternatives]
    may_auto = all(isinstance(floor, Limit) and floor.auto for floor, _, _ in floors)
    return Requirement(
        tier=top[0].tier,
        people=max(floor.people for floor, _, _ in floors),
        classes=frozenset().union(*(place.classes for places in alternatives for place in places)),
        may_auto=may_auto and rank(top[0].tier) <= ceiling,
        quorums=quorums,
        sentence=top[2],
    )


def _floors(step: Step, policy: Policy) -> list[tuple[Floor, str, str]]:
    action, target = step.action, step.target
    params = {item.name: item.value for item in step.params}
    matching = [limit for limit in policy.limits if limit.covers(action, target, params)]
    if not matching:
        unlisted = policy.unlisted
        return [(unlisted, target, f"No limit names {action} on {target}, so it is {unlisted.tier}.")]
    return [(limit, target, f"{action} on {target} is at least {limit.tier}.") for limit in matching]


def protected(change: Change, policy: Policy) -> list[str]:
    """The targets of a change on which nothing may act."""
    return [step.target for step in change.steps if within(policy.protected_targets, step.target)]


def _quorum(floor: Floor, target: str) -> Quorum:
    if isinstance(floor, Limit) and floor.quorum:
        alternatives = tuple(_places(listed, floor, target) for listed in floor.quorum)
    else:
        alternatives = ((Place(group=APPROVER, classes=floor.classes),) * max(1, floor.people),)
    teams = floor.distinct_teams if isinstance(floor, Limit) else 0
    return Quorum(alternatives=alternatives, classes=floor.classes, distinct_teams=teams)


def _places(listed: tuple[Places, ...], floor: Limit, target: str) -> tuple[Place, ...]:
    return tuple(
        Place(group=f"{OWNERS}/{target}" if item.group == OWNERS else item.group, classes=item.classes or floor.classes)
        for item in listed
        for _ in range(item.n)
    )
