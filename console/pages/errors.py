"""Pages for what does not exist or broke, in the look."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

MACHINES = ("/api/", "/hooks/")


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
    """500: without context processors, because they may be what broke."""
    detail = "Something broke on our side. What was signed and recorded is safe: it is written before it counts."
    if request.path.startswith(MACHINES):
        return _answer(request, 500, "broken", "Internal error", detail)
    return render(None, "500.html", {"detail": detail, "request_id": getattr(request, "id", "")}, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """403: a form without its token, usually one that stood open through a sign-out."""
    detail = "This form was too old or came from elsewhere. Nothing was changed. Go back, reload and try again."
    return _answer(request, 403, "not-permitted", "Not taken", detail)
