"""What a role and a scope are written like."""

import re

from core.actors import Role
from core.errors import BadInputError

SCOPE = re.compile(r"team:[a-z0-9][a-z0-9_-]{0,79}|service:[a-z0-9._-]{0,80}/[a-z0-9][a-z0-9_-]{0,119}")


def checked_role(role: str) -> str:
    """The role, if there is such a one.

    Raises:
        BadInputError: There is none of that name.
    """
    if role not in set(Role):
        detail = f"There is no role {role!r}. Roles are {', '.join(sorted(Role))}."
        raise BadInputError(detail)
    return str(Role(role))


def checked_scope(scope: str) -> str:
    """Where a role is held: empty for everywhere, one team, or one service.

    Raises:
        BadInputError: It is written otherwise.
    """
    if scope and not SCOPE.fullmatch(scope):
        detail = f"{scope!r} is no scope. Write team:SLUG or service:ENVIRONMENT/SLUG, or nothing for everywhere."
        raise BadInputError(detail)
    return scope
