"""Who acts. Every verb takes an actor; a worker is an actor too."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be, everywhere or by team or service. What counts for a quorum is the signed registry."""

    ADMIN = "admin"
    APPROVER = "approver"
    KEY_ADMIN = "key-admin"
    MANAGER = "manager"
    OPERATOR = "operator"
    OVERRIDE = "override"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, an agent or a service of ours.

    Attributes:
        id: as the ledger writes it: `person:<person_id>`, `agent:<name>`, `service:<name>`.
        roles: the roles that the person holds everywhere; empty for agents and services.
        scoped: the roles held in a part only, as (role, scope); a scope is `team:<slug>` or `service:<env>/<slug>`.
        team: slug of the person's own team, or empty.
    """

    id: str
    roles: frozenset[str] = frozenset()
    scoped: frozenset[tuple[str, str]] = frozenset()
    team: str = ""

    @property
    def kind(self) -> str:
        """`person`, `agent` or `service`."""
        return self.id.partition(":")[0]

    @property
    def name(self) -> str:
        """The person's id or the agent's name, without the kind."""
        return self.id.partition(":")[2]

    @property
    def is_person(self) -> bool:
        """Whether a human being acts."""
        return self.kind == "person"

    def scopes(self, roles: Container[str]) -> frozenset[str]:
        """Where the person holds one of the roles in a part only."""
        return frozenset(scope for role, scope in self.scoped if role in roles)


TRIAGE = Actor(id="agent:triage")
DIAGNOSIS = Actor(id="agent:diagnosis")
PLANNER = Actor(id="agent:planner")
SAFEGUARD = Actor(id="agent:safeguard")
EXECUTOR = Actor(id="agent:executor")
MONITOR = Actor(id="agent:monitor")
POLICY = Actor(id="service:policy")
INTAKE = Actor(id="service:intake")
SYSTEM = Actor(id="service:system")
