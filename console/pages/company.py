"""`/sign-in/company/`: to the identity provider and back, to sign in, to confirm, or to link another account."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from console import oidc, sessions
from console.oidc import LINK, SIGN_IN, STEP_UP, Answer
from console.pages.account import way_in
from console.pages.frame import actor_of, page, person_of
from console.stepup import inside, stepped_up
from core.errors import ConsoleError, NotFoundError, NotSignedInError
from people.models import Account, Person
from people.services.prove_account import prove_account
from people.services.sign_in_by_account import sign_in_by_account


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """To the provider, to sign in."""
    return _go(request, SIGN_IN)


@page
@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """To the provider, to be seen there again."""
    return _go(request, STEP_UP)


@page
@require_GET
@stepped_up
def link(request: HttpRequest) -> HttpResponse:
    """To the provider, to show another account."""
    return _go(request, LINK)


@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Back from the provider."""
    _require_provider()
    try:
        answer = oidc.finish(request)
        return {SIGN_IN: _signed_in, STEP_UP: _confirmed, LINK: _linked}[answer.intent](request, answer)
    except ConsoleError as error:
        if isinstance(request.user, Person):
            messages.error(request, error.detail)
            return redirect("account")
        return way_in(request, error.detail, error.status)


def _go(request: HttpRequest, intent: str) -> HttpResponse:
    _require_provider()
    try:
        return redirect(oidc.start(request, intent, inside(request.GET.get("next", "/"))))
    except NotSignedInError as error:
        return way_in(request, error.detail, 502)


def _signed_in(request: HttpRequest, answer: Answer) -> HttpResponse:
    person = sign_in_by_account(answer.identity)
    sessions.begin(request, person, how="oidc", verified_at=answer.identity.authenticated_at)
    oidc.keep_token(request, answer.id_token)
    return redirect(answer.next)


def _confirmed(request: HttpRequest, answer: Answer) -> HttpResponse:
    person = _still_here(request)
    mine = Account.objects.filter(issuer=answer.identity.issuer, subject=answer.identity.subject, person=person)
    if not mine.exists():
        detail = "Another account signed in there than the one that is linked to you. Nothing was confirmed."
        raise NotSignedInError(detail)
    sessions.note_verified(request, answer.identity.authenticated_at)
    oidc.keep_token(request, answer.id_token)
    return redirect(answer.next)


def _linked(request: HttpRequest, answer: Answer) -> HttpResponse:
    other = prove_account(_still_here(request), answer.identity, actor=actor_of(request))
    oidc.keep_token(request, answer.id_token)
    if other is None:
        messages.success(request, "Linked. Both accounts sign in as you.")
    else:
        messages.success(
            request, f"Shown: {other.handle} is yours too. An admin makes you one now; until then, nothing changed."
        )
    return redirect("account")


def _still_here(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        detail = "Your session here ended meanwhile. Sign in again."
        raise NotSignedInError(detail)
    return person_of(request)


def _require_provider() -> None:
    if not settings.OIDC_ISSUER:
        detail = "No company sign-in is set up here."
        raise NotFoundError(detail)
