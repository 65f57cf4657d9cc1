"""Who may connect the outside."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role, is_machine, is_person

grants = Grants(
    {
        Permission.SOURCE_ADD: [[is_machine], [has_role(Role.OWNER)]],
        Permission.SOURCE_READ: [[is_person], [is_machine]],
    }
)
