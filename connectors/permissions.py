"""Who may connect the outside."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role_everywhere, is_machine

grants = Grants(
    {
        Permission.DELIVERY_REPLAY: [[is_machine], [has_role_everywhere(Role.OPERATOR, Role.ADMIN)]],
        Permission.SOURCE_ADD: [[is_machine], [has_role_everywhere(Role.ADMIN)]],
        Permission.SOURCE_READ: [[has_role_everywhere(*Role)], [is_machine]],
    }
)
