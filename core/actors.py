"""Who acts. Every verb takes an actor; a worker is an actor too."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be. Groups that count for a quorum come from the signed registry, not from here."""

    APPROVER = "approver"
    MANAGER = "manager"
    OPERATOR = "operator"
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, an agent or a service of ours.

    Attributes:
        id: as the ledger writes it: `person:<person_id>`, `agent:<name>`, `service:<name>`.
        roles: the person's roles; empty for agents and services.
    """

    id: str
    roles: frozenset[str] = frozenset()

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


TRIAGE = Actor(id="agent:triage")
DIAGNOSIS = Actor(id="agent:diagnosis")
PLANNER = Actor(id="agent:planner")
SAFEGUARD = Actor(id="agent:safeguard")
EXECUTOR = Actor(id="agent:executor")
MONITOR = Actor(id="agent:monitor")
POLICY = Actor(id="service:policy")
INTAKE = Actor(id="service:intake")
SYSTEM = Actor(id="service:system")
