"""What an identity provider says of somebody, and what its groups mean here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.errors import BadInputError
from people.roles import checked_role, checked_scope

Held = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody, as a provider's signed token names them.

    Attributes:
        issuer, subject: together the account; nothing else names it.
        wanted_handle: what they call themselves there; only ever a suggestion.
        groups: as the token says.
        authenticated_at: when the provider last saw the person, if it says.
    """

    issuer: str
    subject: str
    name: str
    wanted_handle: str
    groups: tuple[str, ...]
    authenticated_at: datetime | None = None


def mapping() -> dict[str, set[tuple[str, str]]]:
    """Group to roles, from OIDC_GROUP_ROLES: `group=role` or `group=role@scope`.

    Raises:
        ImproperlyConfigured: A piece is written otherwise.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for piece in settings.OIDC_GROUP_ROLES:
        group, equals, held = piece.rpartition("=")
        role, _, scope = held.partition("@")
        try:
            if not group or not equals:
                raise BadInputError(piece)
            found.setdefault(group, set()).add((checked_role(role), checked_scope(scope)))
        except BadInputError as error:
            detail = f"OIDC_GROUP_ROLES holds {piece!r}; write group=role or group=role@scope, comma-separated."
            raise ImproperlyConfigured(detail) from error
    return found


def roles_of(groups: Iterable[str]) -> Held:
    """The roles that these groups give here."""
    known = mapping()
    return frozenset(held for group in groups for held in known.get(group, ()))


def governed() -> Held:
    """The roles that the provider's groups decide about: whoever is in no such group loses them."""
    return frozenset(held for every in mapping().values() for held in every)


def is_let_in(groups: Iterable[str]) -> bool:
    """Whether somebody of these groups may come in at all."""
    there = set(groups)
    allowed = not settings.OIDC_ALLOWED_GROUPS or not there.isdisjoint(settings.OIDC_ALLOWED_GROUPS)
    return allowed and bool(roles_of(there))
