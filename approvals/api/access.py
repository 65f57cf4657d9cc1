"""Who asks, and what their token lets them do."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from approvals.permissions import grants
from core.actors import Actor
from core.errors import NotPermittedError, NotSignedInError
from core.permissions import Permission
from people.authentication import acting, has_scope
from people.models import ApiToken, Person

READ, SIGN = "approvals:read", "approvals:sign"


class MayRead(BasePermission):
    """Everybody with a role may read changes and requests where they hold it; a token needs the scope."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        actor = acting(request)
        return actor is not None and grants.allow(Permission.CHANGE_READ, actor) and has_scope(request, READ)


class MayKeepKeys(BasePermission):
    """Everybody who is signed in has keys of their own, whatever their roles; a token needs the scope."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask who it is, and the token."""
        return isinstance(request.user, Person) and has_scope(request, READ)


class MayReadPolicy(BasePermission):
    """Everybody with a role for the whole installation; a token needs the scope."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        actor = acting(request)
        return actor is not None and grants.allow(Permission.POLICY_READ, actor) and has_scope(request, READ)


def person_of(request: Request) -> Person:
    """Who asks.

    Raises:
        NotSignedInError: Nobody is signed in.
    """
    if not isinstance(request.user, Person):
        detail = "Sign in, or send `Authorization: Bearer TOKEN`."
        raise NotSignedInError(detail)
    return request.user


def actor_of(request: Request) -> Actor:
    """Who asks, as the one who acts.

    Raises:
        NotSignedInError: Nobody is signed in.
    """
    return acting(request) or person_of(request).as_actor()


def signer_of(request: Request) -> Actor:
    """Who asks, where signatures or keys are concerned: a token must carry the scope for it.

    Raises:
        NotSignedInError: Nobody is signed in.
        NotPermittedError: The token does not carry the scope.
    """
    person = person_of(request)
    if not has_scope(request, SIGN):
        detail = f"This token does not have the scope {SIGN}. Make one with `./manage.py token add --scope {SIGN}`."
        raise NotPermittedError(detail, scope=SIGN)
    return person.as_actor()


def session_of(request: Request) -> str:
    """What an enrolment is bound to beside the person: this browser session, or this token."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    return f"session:{request.session.session_key}"
