"""What every request passes through: security headers, a request id, expected errors as pages."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from console.problems import as_problem
from core.errors import ConsoleError

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'{sockets}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)


def content_security_policy(get_response: Handler) -> Handler:
    """Scripts, styles and fonts come from us alone; nothing is inline, nothing is framed."""
    host = settings.HERE_URL.partition("://")[2]
    sockets = f" {'wss' if settings.HTTPS else 'ws'}://{host}"
    policy = POLICY.format(sockets=sockets)

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    return handle


def request_id(get_response: Handler) -> Handler:
    """Give each request an id that logs and error pages share."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]  # our own addition
        response = get_response(request)
        response.headers["X-Request-Id"] = request.id  # type: ignore[attr-defined]  # our own addition
        return response

    return handle


class ExpectedErrors:
    """Turn a ConsoleError from a page into a page, and from a machine's path into problem+json."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an expected error; leave the others to crash loudly."""
        if not isinstance(error, ConsoleError):
            return None
        by_script = request.headers.get("Accept", "").startswith("application/json")
        if by_script or request.path.startswith(("/api/", "/hooks/")):
            problem = as_problem(error)
            return JsonResponse(problem, status=error.status, content_type="application/problem+json")
        return render(request, "error.html", {"error": error}, status=error.status)


expected_errors = ExpectedErrors
