"""Who people are to this installation."""

from people.models.person import Person, RoleGrant
from people.models.tokens import ApiToken, SignInLink

__all__ = ["ApiToken", "Person", "RoleGrant", "SignInLink"]
