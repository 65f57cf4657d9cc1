"""Pages for what does not exist or broke, in the look."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

MACHINES = ("/api/", "/hooks/")
RETRY_LATER, RETRY_AFTER_S = 503, 5
BROKEN = "Something broke on our side. What was signed and recorded is safe: it is written before it counts."
UNREACHABLE = (
    "The database does not answer just now. If you did something, look whether it is there before you do it again; "
    "what was signed and recorded is safe."
)


def _answer(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    if request.path.startswith(MACHINES):
        problem = {"type": f"urn:countersign:problem:{code}", "title": title, "status": status, "detail": detail}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, f"{status}.html", {"title": title, "detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """400."""
    return _answer(request, 400, "bad-input", "Not understood", "The request was not understood. Nothing was changed.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """403."""
    return _answer(
        request, 403, "not-permitted", "Not permitted", "You may not do this. Ask an admin for the role it takes."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """404."""
    return _answer(
        request,
        404,
        "not-found",
        "There is nothing here",
        "There is nothing at this address. Check it, or start from the queue.",
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500, or 503 where it is the database that does not answer.

    Without context processors, because they may be what broke.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        status, code, title, detail = 503, "store-unreachable", "The database does not answer", UNREACHABLE
    else:
        status, code, title, detail = 500, "broken", "Something broke", BROKEN
    if request.path.startswith(MACHINES):
        response = _answer(request, status, code, title, detail)
    else:
        told = {"title": title, "detail": detail, "request_id": getattr(request, "id", "")}
        response = render(None, "500.html", told, status=status)
    if status == RETRY_LATER:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """403: a form without its token, usually one that stood open through a sign-out."""
    detail = "This form was too old or came from elsewhere. Nothing was changed. Go back, reload and try again."
    return _answer(request, 403, "not-permitted", "Not taken", detail)
