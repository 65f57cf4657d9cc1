"""Hooks under Django: one request, one answer. What a server hands to us as ASGI goes through `asgi.py` instead."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from connectors.intake.door import Answer, Post, answer_all, refusal
from core.errors import BadInputError, TooLargeError


@csrf_exempt
def hook(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Accept a delivery: durable first, then 202 with its id; problem+json on refusal."""
    try:
        named = {name.lower(): value for name, value in request.headers.items()}
        peer = str(request.META.get("REMOTE_ADDR") or "")
        post = Post(method=request.method or "", kind=kind, token=token, headers=named, body=_body(request), peer=peer)
    except (BadInputError, TooLargeError) as error:
        return _response(refusal(error))
    return _response(answer_all([post])[0])


def _body(request: HttpRequest) -> bytes:
    largest = settings.INTAKE_MAX_BYTES
    try:
        body = request.body
    except RequestDataTooBig:
        body = None
    except UnreadablePostError as error:
        detail = "The body broke off."
        raise BadInputError(detail) from error
    if body is None or len(body) > largest:
        detail = f"At most {largest:,} bytes are taken in one delivery."
        raise TooLargeError(detail, limit_bytes=largest)
    return body


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    # Django would log a refusal with the request's path, and the path holds the token.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 -- Django's own mark
    return response
