"""What a policy demands beside tier and number: who must sign, and under which further conditions."""

import re
from dataclasses import dataclass

from proof.documents.fields import SLUG, DocumentError, Fields
from proof.documents.types import TIERS
from proof.keys import PERSON_CLASSES

WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})\Z")
MAX_PEOPLE = 8
MAX_ALTERNATIVES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The whole numbers that a parameter may be for a limit to speak about it; both ends included."""

    name: str
    low: int
    high: int

    def takes(self, value: str) -> bool:
        """Whether a parameter may have this value."""
        return bool(WHOLE.match(value)) and self.low <= int(value) <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """So many people of a group, with keys of these classes.

    Attributes:
        group: a role, a group of the registry, or `owners`, which means the owners of the step's target.
        classes: empty for those of the limit.
    """

    group: str
    n: int
    classes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """How many rejections end it, and the groups of which one member's is enough."""

    threshold: int = 1
    veto_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """When somebody is reminded, and who is asked next; time never approves anything."""

    tier: str
    reminder_s: int
    backup_s: int
    backup_group: str
    manager_s: int
    manager_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRule:
    """Whether one person may take it on themselves, for how long that holds, and when it must be reviewed."""

    allowed: bool = False
    expires_s: int = 3_600
    review_s: int = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRule:
    """How long and how often a standing approval may be used; 0 allows none."""

    max_days: int = 0
    max_uses: int = 0


def places(value: object) -> tuple[tuple[Places, ...], ...]:
    """Read any of (all of (places)).

    Raises:
        DocumentError: It is of another form, or asks for more than can be judged.
    """
    if not isinstance(value, list) or len(value) > MAX_ALTERNATIVES:
        msg = f"A quorum is a list of at most {MAX_ALTERNATIVES} alternatives."
        raise DocumentError(msg)
    found = []
    for alternative in value:
        listed = Fields({"places": alternative}, "quorum").objects("places", _places)
        if not 0 < sum(item.n for item in listed) <= MAX_PEOPLE:
            msg = f"Each alternative of a quorum asks for 1 to {MAX_PEOPLE} people."
            raise DocumentError(msg)
        found.append(listed)
    return tuple(found)


def classes(f: Fields) -> frozenset[str]:
    """Read a list of classes of people's keys."""
    found = frozenset(f.texts("classes"))
    if not found <= PERSON_CLASSES:
        msg = f"Not classes of keys: {', '.join(sorted(found - PERSON_CLASSES))}."
        raise DocumentError(msg)
    return found


def read_range(f: Fields) -> Range:
    """Read a parameter's range."""
    least = -(2**53)
    found = Range(name=f.text("name"), low=f.integer("min", minimum=least), high=f.integer("max", minimum=least))
    if found.low > found.high:
        msg = f"The range of {found.name} ends before it begins."
        raise DocumentError(msg)
    return found


def read_deny(f: Fields) -> Deny:
    """Read the rule for rejections."""
    return Deny(threshold=f.integer("threshold", minimum=1), veto_groups=f.texts("veto_groups", SLUG))


def read_rung(f: Fields) -> Rung:
    """Read one rung of the ladder."""
    return Rung(
        tier=f.one_of("tier", TIERS),
        reminder_s=f.integer("reminder_s"),
        backup_s=f.integer("backup_s"),
        backup_group=f.text("backup_group"),
        manager_s=f.integer("manager_s"),
        manager_group=f.text("manager_group"),
    )


def read_override(f: Fields) -> OverrideRule:
    """Read the rule for overrides."""
    return OverrideRule(
        allowed=f.boolean("allowed"),
        expires_s=f.integer("expires_s", minimum=1),
        review_s=f.integer("review_s", minimum=1),
    )


def read_standing(f: Fields) -> StandingRule:
    """Read the rule for standing approvals."""
    return StandingRule(max_days=f.integer("max_days"), max_uses=f.integer("max_uses"))


def read_tiers(f: Fields, name: str) -> frozenset[str]:
    """Read a list of tiers."""
    found = frozenset(f.texts(name))
    if not found <= set(TIERS):
        msg = f"Not tiers: {', '.join(sorted(found - set(TIERS)))}."
        raise DocumentError(msg)
    return found


def _places(f: Fields) -> Places:
    return Places(group=f.text("group", SLUG), n=f.integer("n", minimum=1), classes=classes(f))
