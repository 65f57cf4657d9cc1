"""Who may do what in the shell itself."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role_everywhere

grants = Grants({Permission.LAB_BREAK: [[has_role_everywhere(Role.OPERATOR, Role.APPROVER, Role.ADMIN)]]})
