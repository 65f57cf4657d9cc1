"""Signing on an origin of its own (H3): what the console's host no longer serves, and what the signing host sends back.

A page of the console, even one that somebody took over, cannot ask for a signing key: browsers hand out a passkey to
the full host it was made for, and to no other.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from console.problems import as_problem
from core.errors import NotPermittedError

Handler = Callable[[HttpRequest], HttpResponse]

PAGES: Final = frozenset(
    {
        "key-draft",
        "key-draft-voiding",
        "key-invitation-page",
        "key-registry",
        "keys-page",
        "sign",
        "standing-page",
    }
)
"""Pages with a ceremony on them: the console's host links to the signing host's."""
CEREMONIES: Final = frozenset(
    {
        "statements",
        "decisions",
        "override-statements",
        "standing-statements",
        "standing-decisions",
        "request-overrides",
        "keys",
        "registration-options",
        "key-invitation",
        "key-loss",
        "act-templates",
        "acts",
        "registry-drafts",
        "registry-draft-signatures",
    }
)
"""Endpoints that hand out or take in what is signed. Programs with a token sign by themselves and may use either."""


def signing_elsewhere(get_response: Handler) -> Handler:
    """On the console's host, send people to the signing host for everything that a key signs."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not settings.SIGN_URL or settings.SERVE == "sign":
            return get_response(request)
        name = _name_of(request.path_info)
        if name in PAGES:
            return redirect(f"{settings.SIGN_URL}{request.get_full_path()}")
        by_program = request.headers.get("Authorization", "").lower().startswith("bearer ")
        if name in CEREMONIES and request.method == "POST" and not by_program:
            detail = f"Nothing is signed at this address. Sign at {settings.SIGN_URL}."
            refused = NotPermittedError(detail)
            return JsonResponse(as_problem(refused), status=refused.status, content_type="application/problem+json")
        return get_response(request)

    return handle


@require_safe
def back_to_console(request: HttpRequest, path: str = "") -> HttpResponse:  # noqa: ARG001 -- the address as it came
    """A page that the signing host does not have."""
    return redirect(f"{settings.PUBLIC_URL}{request.get_full_path()}")


def _name_of(path: str) -> str:
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""
