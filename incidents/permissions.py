"""Who may do what with incidents and the catalogue."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role, is_machine, is_person

runs_operations = has_role(Role.OPERATOR, Role.OWNER)

grants = Grants(
    {
        Permission.INCIDENT_ACKNOWLEDGE: [[runs_operations]],
        Permission.INCIDENT_CALL: [[is_machine], [runs_operations]],
        Permission.INCIDENT_CLOSE: [[runs_operations]],
        Permission.INCIDENT_READ: [[is_person], [is_machine]],
        Permission.INCIDENT_RESOLVE: [[is_machine], [runs_operations]],
        Permission.INCIDENT_TAKE_OVER: [[runs_operations]],
        Permission.SERVICE_READ: [[is_person], [is_machine]],
        Permission.SERVICE_REGISTER: [[is_machine], [has_role(Role.OWNER)]],
    }
)
