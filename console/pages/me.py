"""`/account/`: my sessions, tokens, passkeys for signing in, and linked accounts; confirming that it is me."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from console import sessions
from console.pages.frame import actor_of, page, person_of
from console.selectors import account
from console.stepup import inside, is_fresh, stepped_up
from core.errors import BadInputError
from people.services.add_token import add_token
from people.services.end_sessions import end_sessions
from people.services.revoke_token import revoke_token

DAYS = (7, 30, 90, 365)


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _shown(request)


@page
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one session, or all others."""
    only, mine = request.POST.get("session", ""), sessions.current_id(request)
    ended = end_sessions(person_of(request), actor=actor_of(request), only=only, but="" if only else mine)
    if only == mine:
        return redirect("sign-in")
    words = "Ended. That browser is signed out." if only else f"Ended {ended}. This browser alone is signed in."
    messages.success(request, words)
    return redirect("account")


@page
@require_POST
@stepped_up
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, once."""
    days = request.POST.get("days", "")
    if days not in {str(known) for known in DAYS}:
        detail = f"A token lives {', '.join(map(str, DAYS))} days."
        raise BadInputError(detail)
    person = person_of(request)
    token = add_token(
        person.handle,
        request.POST.getlist("scope"),
        label=request.POST.get("label", ""),
        actor=actor_of(request),
        valid_for=timedelta(days=int(days)),
    )
    return _shown(request, made=token)


@page
@require_POST
def take_token_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Revoke one."""
    revoke_token(person_of(request), public_id, actor=actor_of(request))
    messages.success(request, "Revoked. It works no longer.")
    return redirect("account")


@page
@require_GET
def step_up(request: HttpRequest) -> HttpResponse:
    """Ask for the person again, then go back to where they were."""
    back = inside(request.GET.get("next", "/"))
    if is_fresh(request):
        return redirect(back)
    person = person_of(request)
    ways = {"passkey": person.passkeys.exists(), "company": bool(settings.OIDC_ISSUER) and person.accounts.exists()}
    return render(request, "pages/step_up.html", {"next": back, "ways": ways})


def _shown(request: HttpRequest, made: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "me": account.read(person_of(request), sessions.current_id(request)),
        "made": made,
        "days": DAYS,
    }
    return render(request, "pages/account.html", context)
