"""The policy bundle: rules for the server, and limits that anybody can interpret."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from proof.documents.demands import (
    MAX_PEOPLE,
    Deny,
    OverrideRule,
    Places,
    Range,
    Rung,
    StandingRule,
    classes,
    places,
    read_deny,
    read_override,
    read_range,
    read_rung,
    read_standing,
    read_tiers,
)
from proof.documents.fields import DIGEST, TIME, DocumentError, Fields, document
from proof.documents.types import POLICY, TIERS

TARGET = re.compile(r"[^/*\s]+/(\*|[^/*\s]+)\Z")
MAX_BYTES = 1_000_000

DENY, OVERRIDE, STANDING = Deny(), OverrideRule(), StandingRule()

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The least that an action on these targets needs, whoever says what.

    Attributes:
        action: of the catalogue, exact.
        targets: exact, or `<environment>/*`.
        params: ranges; a step whose parameters lie outside is not covered, so it is CRITICAL unless another limit is.
        tier, people, classes: minimum tier, minimum number of people, classes of keys that count.
        auto: whether the policy service may decide alone.
        quorum: any of (all of (places)); empty for `people` approvers.
        distinct_teams: of how many teams the people must be at least.
    """

    action: str
    targets: tuple[str, ...]
    tier: str
    people: int
    classes: frozenset[str]
    auto: bool
    params: tuple[Range, ...] = ()
    quorum: tuple[tuple[Places, ...], ...] = ()
    distinct_teams: int = 0

    def covers(self, action: str, target: str, params: Mapping[str, str]) -> bool:
        """Whether this limit speaks about an action on a target with these parameters."""
        if action != self.action or not within(self.targets, target):
            return False
        return all(item.takes(params.get(item.name, "")) for item in self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """What an action needs that no limit names."""

    tier: str
    people: int
    classes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long signatures may be collected for a tier, and how long after that it may start."""

    tier: str
    collect_s: int
    execute_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy bundle; `rules` is YAML for the server and not read here.

    Attributes:
        require_cli: tiers that need a signature made at a terminal, by a program of its own.
        device_bound: tiers for which only keys count that cannot leave their device.
        witnesses: tier to the number of witnesses that must have seen the log.
        budget: how many decisions one person may sign in an hour; 0 for any number. The server asks, not the quorum.
        accepts: digests of older policies whose requests stay open, as far as no floor of theirs changes.
        solo: whether one person may decide what they proposed; what runs then is single-handed, not countersigned.
    """

    version: int
    created_at: str
    environment: str
    rules: str
    limits: tuple[Limit, ...]
    unlisted: Unlisted
    protected_targets: tuple[str, ...]
    windows: tuple[Window, ...]
    auto_max_tier: str
    auto_per_hour: int
    auto_per_target_per_hour: int
    cool_down_s: int
    deny: Deny = DENY
    require_cli: frozenset[str] = frozenset()
    device_bound: frozenset[str] = frozenset()
    witnesses: tuple[tuple[str, int], ...] = ()
    ladder: tuple[Rung, ...] = ()
    override: OverrideRule = OVERRIDE
    standing: StandingRule = STANDING
    budget: int = 0
    accepts: tuple[str, ...] = ()
    solo: bool = False


def parse_policy(data: bytes) -> Policy:
    """Read the bytes of a policy bundle; what it may leave out has the strictest value.

    Raises:
        DocumentError: They are not a policy.
    """
    return document(data, POLICY, _policy, max_bytes=MAX_BYTES)


def within(patterns: tuple[str, ...], target: str) -> bool:
    """Whether a target is one of those listed, by name or as `<environment>/*`."""
    return any(mine == target or (mine.endswith("/*") and target.startswith(mine[:-1])) for mine in patterns)


def _policy(f: Fields) -> Policy:
    auto = f.nested(
        "auto",
        lambda a: (a.one_of("max_tier", TIERS), a.integer("per_hour"), a.integer("per_target_per_hour")),
    )
    return Policy(
        version=f.integer("version", minimum=1),
        created_at=f.text("created_at", TIME),
        environment=f.text("environment"),
        rules=f.text("rules"),
        limits=f.objects("limits", _limit),
        unlisted=f.nested("unlisted", _unlisted),
        protected_targets=f.texts("protected_targets", TARGET),
        windows=f.objects("windows", _window),
        auto_max_tier=auto[0],
        auto_per_hour=auto[1],
        auto_per_target_per_hour=auto[2],
        cool_down_s=f.integer("cool_down_s"),
        deny=_maybe(f, "deny", lambda name: f.nested(name, read_deny), DENY),
        require_cli=_maybe(f, "require_cli", lambda name: read_tiers(f, name), frozenset()),
        device_bound=_maybe(f, "device_bound", lambda name: read_tiers(f, name), frozenset()),
        witnesses=_maybe(f, "witnesses", lambda name: f.objects(name, _witnesses), ()),
        ladder=_maybe(f, "ladder", lambda name: f.objects(name, read_rung), ()),
        override=_maybe(f, "override", lambda name: f.nested(name, read_override), OVERRIDE),
        standing=_maybe(f, "standing", lambda name: f.nested(name, read_standing), STANDING),
        budget=_maybe(f, "budget", lambda name: f.nested(name, lambda b: b.integer("per_person_per_hour")), 0),
        accepts=_maybe(f, "accepts", lambda name: f.texts(name, DIGEST), ()),
        solo=_maybe(f, "solo", f.boolean, default=False),
    )


def _maybe(f: Fields, name: str, read: Callable[[str], T], default: T) -> T:
    return read(name) if f.has(name) else default


def _limit(f: Fields) -> Limit:
    return Limit(
        action=f.text("action"),
        targets=f.texts("targets", TARGET),
        tier=f.one_of("tier", TIERS),
        people=_people(f),
        classes=classes(f),
        auto=f.boolean("auto"),
        params=_maybe(f, "params", lambda name: f.objects(name, read_range), ()),
        quorum=_maybe(f, "quorum", lambda name: places(f.take(name)), ()),
        distinct_teams=_maybe(f, "distinct_teams", f.integer, 0),
    )


def _unlisted(f: Fields) -> Unlisted:
    if f.take("tier") != "CRITICAL":
        msg = "What no limit names is CRITICAL."
        raise DocumentError(msg)
    people = _people(f)
    if people < 3:
        msg = "What no limit names needs three people."
        raise DocumentError(msg)
    return Unlisted(tier="CRITICAL", people=people, classes=classes(f))


def _window(f: Fields) -> Window:
    return Window(
        tier=f.one_of("tier", TIERS),
        collect_s=f.integer("collect_s", minimum=1),
        execute_s=f.integer("execute_s", minimum=1),
    )


def _witnesses(f: Fields) -> tuple[str, int]:
    return f.one_of("tier", TIERS), f.integer("k")


def _people(f: Fields) -> int:
    people = f.integer("people")
    if people > MAX_PEOPLE:
        msg = f"At most {MAX_PEOPLE} people can be asked for."
        raise DocumentError(msg)
    return people
