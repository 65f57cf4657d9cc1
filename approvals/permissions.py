"""Who may ask, sign, enrol, and set the policy. What counts for a quorum is the signed registry, not this table."""

from core.actors import Actor, Role
from core.permissions import (
    Grants,
    Permission,
    has_role,
    has_role_everywhere,
    is_machine,
    is_the_host,
    reads_there,
)
from people.models import Person

signs = has_role(Role.APPROVER)
runs_operations = has_role(Role.OPERATOR, Role.ADMIN)
keeps_keys = has_role_everywhere(Role.ADMIN, Role.KEY_ADMIN)


def is_the_person(actor: Actor, person: object) -> bool:
    """The person whose key it is."""
    return isinstance(person, Person) and person.is_active and actor.id == f"person:{person.pk}"


# People revoke keys by signing an act; the host alone does it on its word.
# Nobody enrols a key for somebody else from within the console: it would be a way to sign as them.
grants = Grants(
    {
        Permission.CHANGE_PROPOSE: [[is_machine], [runs_operations]],
        Permission.CHANGE_READ: [[reads_there], [is_machine]],
        Permission.CHANGE_WITHDRAW: [[is_machine], [runs_operations]],
        Permission.DECISION_MAKE: [[signs]],
        Permission.KEY_ENROL: [[is_the_host], [is_the_person]],
        Permission.KEY_REVOKE: [[is_the_host]],
        Permission.POLICY_ACTIVATE: [[is_the_host], [keeps_keys]],
        Permission.POLICY_READ: [[has_role_everywhere(*Role)], [is_machine]],
        Permission.REGISTRY_EDIT: [[is_the_host], [keeps_keys]],
        Permission.REGISTRY_READ: [[has_role_everywhere(*Role)], [is_machine]],
        Permission.REGISTRY_SIGN: [[keeps_keys]],
    }
)
