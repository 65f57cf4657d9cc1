"""Who may read the ledger and carry it away."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role, is_machine, is_person

grants = Grants(
    {
        Permission.AUDIT_READ: [[is_person], [is_machine]],
        Permission.AUDIT_EXPORT: [[has_role(Role.MANAGER, Role.OWNER)], [is_machine]],
    }
)
