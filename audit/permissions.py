"""Who may read the ledger and carry it away."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role_everywhere, is_machine

grants = Grants(
    {
        Permission.AUDIT_READ: [[has_role_everywhere(*Role)], [is_machine]],
        Permission.AUDIT_EXPORT: [[has_role_everywhere(Role.MANAGER, Role.ADMIN)], [is_machine]],
    }
)
