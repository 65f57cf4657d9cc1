"""Who may ask, sign, enrol, and set the policy. What counts for a quorum is the signed registry, not this table."""

from core.actors import SYSTEM, Actor, Role
from core.permissions import Grants, Permission, has_role, is_machine, is_person
from people.models import Person

signs = has_role(Role.APPROVER)
runs_operations = has_role(Role.OPERATOR, Role.OWNER)


def is_the_host(actor: Actor, _obj: object) -> bool:
    """A command that somebody runs on this computer, who could as well write the database."""
    return actor.id == SYSTEM.id


def is_the_person(actor: Actor, person: object) -> bool:
    """The person whose key it is."""
    return isinstance(person, Person) and person.is_active and actor.id == f"person:{person.pk}"


# Nobody enrols a key for somebody else from within the console: it would be a way to sign as them.
grants = Grants(
    {
        Permission.CHANGE_PROPOSE: [[is_machine], [runs_operations]],
        Permission.CHANGE_READ: [[is_person], [is_machine]],
        Permission.CHANGE_WITHDRAW: [[is_machine], [runs_operations]],
        Permission.DECISION_MAKE: [[signs]],
        Permission.KEY_ENROL: [[is_the_host], [is_the_person]],
        Permission.KEY_REVOKE: [[is_the_host], [is_the_person], [has_role(Role.OWNER)]],
        Permission.POLICY_ACTIVATE: [[is_the_host], [has_role(Role.OWNER)]],
    }
)
