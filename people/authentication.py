"""Bearer tokens for the REST API (RFC 6750)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import bulk, clock
from core.actors import Actor
from people import handouts
from people.models import ApiToken, Person

if TYPE_CHECKING:
    # It imports REST framework's views, which import this module while they are themselves being imported.
    from drf_spectacular.openapi import AutoSchema

SCHEME = "Bearer"
MINUTE = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; `request.user` is the person, `request.auth` the token with its scopes."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """The person and the token, or None when the request carries no bearer token.

        Raises:
            AuthenticationFailed: The token is malformed, unknown or expired, or its person has left.
        """
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = _known(handouts.digest(secret.strip()))
        if token is None or not token.person.is_active or (token.expires_at and token.expires_at <= clock.now()):
            detail = "This token is not known here, or has expired. Make one: ./manage.py token add."
            raise AuthenticationFailed(detail)
        _note_use(token)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- the framework's signature
        """What a 401 asks for."""
        return f'{SCHEME} realm="countersign"'


def _known(digest: str) -> ApiToken | None:
    """The token with its person, by two prepared statements: every request with a token asks for them."""
    for token in bulk.find(ApiToken, "token_sha256", [digest]):
        for person in bulk.find(Person, "id", [token.person_id]):
            token.person = person
            return token
    return None


def _note_use(token: ApiToken) -> None:
    """To the minute: a write at every request would be a write for nothing."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at > MINUTE:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def acting(request: Request) -> Actor | None:
    """Who asks, as the one who acts; None where nobody is signed in. Their roles are read once a request."""
    if not isinstance(request.user, Person):
        return None
    found: Actor | None = getattr(request, "countersign_acting", None)
    if found is None:
        found = request.countersign_acting = request.user.as_actor()  # type: ignore[attr-defined]  # our own addition
    return found


def has_scope(request: Request, scope: str) -> bool:
    """Whether the request may do what the scope names: a session all that its person may, a token what it says."""
    return not isinstance(request.auth, ApiToken) or scope in request.auth.scopes


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass is untyped
    """How the API's description shows the token."""

    target_class = "people.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: "AutoSchema") -> dict[str, Any]:  # noqa: ARG002 -- the framework's signature
        """An HTTP bearer token."""
        return {"type": "http", "scheme": "bearer"}
