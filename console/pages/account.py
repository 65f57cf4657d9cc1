"""`/sign-in/`, the one-time link, `/sign-out/`, and the look."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.selectors import latest_checkpoint
from console import oidc, sessions
from console.context import THEMES
from console.stepup import inside
from core import clock
from core.errors import ConsoleError
from people.services.use_sign_in_link import use_sign_in_link

YEAR_S = 365 * 24 * 3600


@never_cache
@ensure_csrf_cookie
@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    """Where somebody who is not signed in lands; says how to get in."""
    if request.user.is_authenticated:
        return redirect("queue")
    return way_in(request)


def way_in(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    """The ways in, and what went wrong with the one that was tried."""
    context = {
        "problem": problem,
        "head": latest_checkpoint(),
        "company": settings.OIDC_ISSUER,
        "next": inside(request.GET.get("next", "/")),
    }
    return render(request, "pages/sign_in.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: looking at it shows a button, pressing that uses it up, so that link previews do not."""
    if request.method == "GET":
        response = render(request, "pages/sign_in_link.html", {"head": latest_checkpoint()})
        response.headers["Referrer-Policy"] = (
            "strict-origin"  # "no-referrer" would blank the Origin that the form needs
        )
        return response
    try:
        person = use_sign_in_link(token)
    except ConsoleError as error:
        return way_in(request, error.detail, error.status)
    # Whoever has the link reads this computer's terminal, at this moment: that counts as having been seen.
    sessions.begin(request, person, how="link", verified_at=clock.now())
    return redirect("queue")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and on its sockets, and where the identity provider keeps one of its own, there too."""
    there = oidc.end_session_url(request)
    sessions.end(request)
    return render(request, "pages/signed_out.html", {"there": there}) if there else redirect("sign-in")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says; kept in a cookie."""
    wanted = request.POST.get("theme", "")
    response = redirect(inside(request.POST.get("next", "/")))
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=YEAR_S, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
