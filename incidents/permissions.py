"""Who may do what with incidents and the catalogue."""

from core.actors import Actor, Role
from core.permissions import (
    Grants,
    Permission,
    has_role,
    has_role_everywhere,
    is_machine,
    is_person,
    is_the_host,
    reads_there,
)

OPERATORS = (Role.OPERATOR, Role.ADMIN)
runs_operations = has_role(*OPERATORS)

grants = Grants(
    {
        Permission.ALERT_RATE: [[is_person, reads_there]],
        Permission.INCIDENT_ACKNOWLEDGE: [[runs_operations]],
        Permission.INCIDENT_CALL: [[is_machine], [runs_operations]],
        Permission.INCIDENT_CLOSE: [[runs_operations]],
        Permission.INCIDENT_READ: [[reads_there], [is_machine]],
        Permission.INCIDENT_RESOLVE: [[is_machine], [runs_operations]],
        Permission.INCIDENT_TAKE_OVER: [[runs_operations]],
        Permission.MAINTENANCE_END: [[is_the_host], [runs_operations]],
        Permission.MAINTENANCE_OPEN: [[is_the_host], [runs_operations]],
        Permission.RULES_APPLY: [[is_the_host], [has_role_everywhere(Role.ADMIN)]],
        Permission.RULES_READ: [[has_role_everywhere(*Role)], [is_machine]],
        Permission.SERVICE_READ: [[reads_there], [is_machine]],
        Permission.SERVICE_REGISTER: [[is_machine], [has_role_everywhere(Role.ADMIN)]],
    }
)


def operates_somewhere(actor: Actor) -> bool:
    """Whether there are places whose operations the person runs; what they ask for is judged by where it is."""
    return actor.is_person and (not actor.roles.isdisjoint(OPERATORS) or bool(actor.scopes(OPERATORS)))
