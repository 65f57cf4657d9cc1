"""Errors as problem details (RFC 9457)."""

from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import ConsoleError


def as_problem(error: ConsoleError) -> dict[str, Any]:
    """The JSON body of an expected error."""
    return {
        "type": f"urn:countersign:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.facts,
    }


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook: our errors and its own, all as problem+json."""
    if isinstance(error, ConsoleError):
        return Response(as_problem(error), status=error.status, content_type="application/problem+json")
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = error.detail if isinstance(error, exceptions.APIException) else str(error)
    response.data = {
        "type": f"urn:countersign:problem:{getattr(error, 'default_code', 'error')}",
        "title": type(error).__name__,
        "status": response.status_code,
        "detail": detail if isinstance(detail, str) else "Some fields are not as they should be.",
        **({} if isinstance(detail, str) else {"fields": detail}),
    }
    response.content_type = "application/problem+json"
    return response
