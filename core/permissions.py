"""Every permission there is, and the tables that grant them. Absent means refused."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from django.utils.text import slugify

from core.actors import SYSTEM, Actor, Role
from core.errors import NotPermittedError

Predicate = Callable[[Actor, Any], bool]
Places = Sequence[frozenset[str]]


class Permission(StrEnum):
    """`<object>:<action>`, alphabetical."""

    ALERT_RATE = "alert:rate"
    AUDIT_EXPORT = "audit:export"
    AUDIT_READ = "audit:read"
    CHANGE_PROPOSE = "change:propose"
    CHANGE_READ = "change:read"
    CHANGE_WITHDRAW = "change:withdraw"
    DECISION_MAKE = "decision:make"
    DELIVERY_REPLAY = "delivery:replay"
    INCIDENT_ACKNOWLEDGE = "incident:acknowledge"
    INCIDENT_CALL = "incident:call"
    INCIDENT_CLOSE = "incident:close"
    INCIDENT_READ = "incident:read"
    INCIDENT_RESOLVE = "incident:resolve"
    INCIDENT_TAKE_OVER = "incident:take-over"
    KEY_ENROL = "key:enrol"
    KEY_REVOKE = "key:revoke"
    LAB_BREAK = "lab:break"
    MAINTENANCE_END = "maintenance:end"
    MAINTENANCE_OPEN = "maintenance:open"
    PERSON_ADD = "person:add"
    PERSON_DEACTIVATE = "person:deactivate"
    PERSON_LINK = "person:link"
    PERSON_READ = "person:read"
    POLICY_ACTIVATE = "policy:activate"
    POLICY_READ = "policy:read"
    REGISTRY_EDIT = "registry:edit"
    REGISTRY_READ = "registry:read"
    REGISTRY_SIGN = "registry:sign"
    ROLE_GRANT = "role:grant"
    RULES_APPLY = "rules:apply"
    RULES_READ = "rules:read"
    SERVICE_READ = "service:read"
    SERVICE_REGISTER = "service:register"
    SESSION_END = "session:end"
    SIGN_IN_KEY_ADD = "sign-in-key:add"
    SIGN_IN_LINK_MAKE = "sign-in-link:make"
    SOURCE_ADD = "source:add"
    SOURCE_READ = "source:read"
    TOKEN_ADD = "token:add"  # noqa: S105 -- a permission's name
    WEBHOOK_KEEP = "webhook:keep"


class Grants:
    """One package's table: permission to alternatives, each a list of predicates that must all hold."""

    def __init__(self, table: Mapping[Permission, Sequence[Sequence[Predicate]]]) -> None:
        self.table = dict(table)

    def allow(self, permission: Permission, actor: Actor, obj: Any = None) -> bool:  # noqa: ANN401 -- any noun
        """Whether the actor may; the same answer for a button and for its endpoint."""
        alternatives = self.table.get(permission, ())
        return any(all(holds(actor, obj) for holds in every) for every in alternatives)

    def require(self, permission: Permission, actor: Actor, obj: Any = None) -> None:  # noqa: ANN401 -- any noun
        """Refuse an actor who may not.

        Raises:
            NotPermittedError: No alternative holds.
        """
        if not self.allow(permission, actor, obj):
            detail = f"{permission.value} is not granted to you. Ask an admin for the role that has it."
            raise NotPermittedError(detail, permission=permission.value)


class Placed(Protocol):
    """A noun that belongs somewhere, so that roles held by team or service reach it."""

    def places(self) -> Places:
        """Each place that it is about, as the scopes that cover it, such as `service:lab/payments`, `team:store`."""


def is_machine(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """An agent or a service of ours."""
    return not actor.is_person


def is_person(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """Any signed-in person, also one without a role."""
    return actor.is_person


def is_the_host(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """A command that somebody runs on this computer, who could as well write the database."""
    return actor.id == SYSTEM.id


def has_role(*roles: Role) -> Predicate:
    """A predicate: a person with one of the roles, held everywhere, or by team or service at each place it is about."""

    def holds(actor: Actor, obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
        if not actor.is_person:
            return False
        if not actor.roles.isdisjoint(roles):
            return True
        mine = actor.scopes(roles)
        places = _places(obj) if mine else ()
        return bool(places) and all(not mine.isdisjoint(place) for place in places)

    return holds


def has_role_everywhere(*roles: Role) -> Predicate:
    """A predicate: a person with one of the roles for the whole installation."""

    def holds(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
        return actor.is_person and not actor.roles.isdisjoint(roles)

    return holds


def reads_there(actor: Actor, obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """A person with any role everywhere, or with one at one of the places that it is about.

    Asked without an object, it opens the door to a list; the list holds what the person may read (`scopes_read`).
    """
    if not actor.is_person or actor.roles:
        return actor.is_person
    mine = scopes_read(actor) or frozenset()
    return bool(mine) and (obj is None or any(not mine.isdisjoint(place) for place in _places(obj)))


def scopes_read(actor: Actor) -> frozenset[str] | None:
    """The scopes that a list is narrowed to for this actor; None where everything may be read."""
    if not actor.is_person or actor.roles:
        return None
    return frozenset(scope for _, scope in actor.scoped)


def scope_of_service(environment: str, slug: str) -> str:
    """How a grant names one service."""
    return f"service:{environment}/{slug}"


def scope_of_team(team: str) -> str:
    """How a grant names one team; the catalogue's free text becomes a slug."""
    return f"team:{slugify(team)}"


def place(environment: str, slug: str, team: str = "") -> frozenset[str]:
    """The scopes that cover one service."""
    service = frozenset({scope_of_service(environment, slug)})
    return service | {scope_of_team(team)} if slugify(team) else service


def _places(obj: Any) -> Places:  # noqa: ANN401 -- a predicate takes any noun
    ask = getattr(obj, "places", None)
    return ask() if callable(ask) else ()
