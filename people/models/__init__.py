"""Who people are to this installation."""

from people.models.account import Account, AccountProof, SignInPasskey
from people.models.person import Person, RoleGrant
from people.models.session import BrowserSession
from people.models.tokens import ApiToken, SignInLink

__all__ = [
    "Account",
    "AccountProof",
    "ApiToken",
    "BrowserSession",
    "Person",
    "RoleGrant",
    "SignInLink",
    "SignInPasskey",
]
