"""Every permission there is, and the tables that grant them. Absent means refused."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from core.actors import Actor, Role
from core.errors import NotPermittedError

Predicate = Callable[[Actor, Any], bool]


class Permission(StrEnum):
    """`<object>:<action>`, alphabetical."""

    AUDIT_EXPORT = "audit:export"
    AUDIT_READ = "audit:read"
    CHANGE_PROPOSE = "change:propose"
    CHANGE_READ = "change:read"
    CHANGE_WITHDRAW = "change:withdraw"
    DECISION_MAKE = "decision:make"
    INCIDENT_ACKNOWLEDGE = "incident:acknowledge"
    INCIDENT_CALL = "incident:call"
    INCIDENT_CLOSE = "incident:close"
    INCIDENT_READ = "incident:read"
    INCIDENT_RESOLVE = "incident:resolve"
    INCIDENT_TAKE_OVER = "incident:take-over"
    KEY_ENROL = "key:enrol"
    KEY_REVOKE = "key:revoke"
    LAB_BREAK = "lab:break"
    PERSON_ADD = "person:add"
    POLICY_ACTIVATE = "policy:activate"
    SERVICE_READ = "service:read"
    SERVICE_REGISTER = "service:register"
    SIGN_IN_LINK_MAKE = "sign-in-link:make"
    SOURCE_ADD = "source:add"
    SOURCE_READ = "source:read"
    TOKEN_ADD = "token:add"  # noqa: S105 -- a permission's name


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
            detail = f"{permission.value} is not granted to you. Ask an owner for the role that has it."
            raise NotPermittedError(detail, permission=permission.value)


def is_machine(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """An agent or a service of ours."""
    return not actor.is_person


def is_person(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
    """Any signed-in person."""
    return actor.is_person


def has_role(*roles: Role) -> Predicate:
    """A predicate: a person with at least one of the roles."""

    def holds(actor: Actor, _obj: Any) -> bool:  # noqa: ANN401 -- a predicate takes any noun
        return actor.is_person and not actor.roles.isdisjoint(roles)

    return holds
