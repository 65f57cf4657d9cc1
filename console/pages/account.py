"""`/sign-in/`, the one-time link, `/sign-out/`, and the look."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.selectors import latest_checkpoint
from console.context import THEMES
from core.errors import ConsoleError
from people.services.use_sign_in_link import use_sign_in_link

YEAR_S = 365 * 24 * 3600


@never_cache
@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    """Where somebody who is not signed in lands; says how to get in."""
    if request.user.is_authenticated:
        return redirect("queue")
    return render(request, "pages/sign_in.html", {"head": latest_checkpoint()})


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
        context = {"problem": error.detail, "head": latest_checkpoint()}
        return render(request, "pages/sign_in.html", context, status=error.status)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("queue")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and on its sockets."""
    logout(request)
    return redirect("sign-in")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says; kept in a cookie."""
    wanted = request.POST.get("theme", "")
    back = request.POST.get("next", "/")
    inside = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    response = redirect(back if inside else "/")
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=YEAR_S, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
