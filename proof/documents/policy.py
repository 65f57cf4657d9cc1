"""The policy bundle: rules for the server, and limits that anybody can interpret."""

import re
from dataclasses import dataclass

from proof.documents.fields import TIME, DocumentError, Fields, document
from proof.documents.types import POLICY, TIERS
from proof.keys import PERSON_CLASSES

TARGET = re.compile(r"[^/*\s]+/(\*|[^/*\s]+)\Z")
MAX_PEOPLE = 8
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The least that an action on these targets needs, whoever says what.

    Attributes:
        action: of the catalogue, exact.
        targets: exact, or `<environment>/*`.
        tier, people, classes: minimum tier, minimum number of people, classes of keys that count.
        auto: whether the policy service may decide alone.
    """

    action: str
    targets: tuple[str, ...]
    tier: str
    people: int
    classes: frozenset[str]
    auto: bool

    def covers(self, action: str, target: str) -> bool:
        """Whether this limit speaks about an action on a target."""
        if action != self.action:
            return False
        return any(mine == target or (mine.endswith("/*") and target.startswith(mine[:-1])) for mine in self.targets)


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
    """A policy bundle; `rules` is YAML for the server and not read here."""

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


def parse_policy(data: bytes) -> Policy:
    """Read the bytes of a policy bundle.

    Raises:
        DocumentError: They are not a policy.
    """
    return document(data, POLICY, _policy, max_bytes=MAX_BYTES)


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
    )


def _limit(f: Fields) -> Limit:
    return Limit(
        action=f.text("action"),
        targets=f.texts("targets", TARGET),
        tier=f.one_of("tier", TIERS),
        people=_people(f),
        classes=_classes(f),
        auto=f.boolean("auto"),
    )


def _unlisted(f: Fields) -> Unlisted:
    if f.take("tier") != "CRITICAL":
        msg = "What no limit names is CRITICAL."
        raise DocumentError(msg)
    people = _people(f)
    if people < 3:
        msg = "What no limit names needs three people."
        raise DocumentError(msg)
    return Unlisted(tier="CRITICAL", people=people, classes=_classes(f))


def _window(f: Fields) -> Window:
    return Window(
        tier=f.one_of("tier", TIERS),
        collect_s=f.integer("collect_s", minimum=1),
        execute_s=f.integer("execute_s", minimum=1),
    )


def _people(f: Fields) -> int:
    people = f.integer("people")
    if people > MAX_PEOPLE:
        msg = f"At most {MAX_PEOPLE} people can be asked for."
        raise DocumentError(msg)
    return people


def _classes(f: Fields) -> frozenset[str]:
    found = frozenset(f.texts("classes"))
    if not found <= PERSON_CLASSES:
        msg = f"Not classes of keys: {', '.join(sorted(found - PERSON_CLASSES))}."
        raise DocumentError(msg)
    return found
