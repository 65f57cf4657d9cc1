"""Who may connect the outside."""

from core.actors import Role
from core.permissions import Grants, Permission, has_role_everywhere, is_machine, is_the_host

grants = Grants(
    {
        Permission.DELIVERY_REPLAY: [[is_machine], [has_role_everywhere(Role.OPERATOR, Role.ADMIN)]],
        Permission.SOURCE_ADD: [[is_machine], [has_role_everywhere(Role.ADMIN)]],
        Permission.SOURCE_READ: [[has_role_everywhere(*Role)], [is_machine]],
        # What a webhook is told leaves the house: whoever makes one must be allowed to read all of it.
        Permission.WEBHOOK_KEEP: [[is_the_host], [has_role_everywhere(Role.ADMIN)]],
    }
)
