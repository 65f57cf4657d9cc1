"""`POST /hooks/<kind>/<token>`, and `OPTIONS` for senders that ask first."""

import hashlib
from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from audit import quotas
from connectors.intake import backlog, envelopes, handshakes, headers, sns_door, strict_json
from connectors.intake.refusals import CONTENT_TYPE, problem
from connectors.intake.signed_door import require_signed
from connectors.models import Source
from connectors.registry import ALERT_SOURCES, canonical_kind
from connectors.services.accept import accept
from connectors.services.drain import raw
from connectors.told import Source as Adapter
from core.errors import BadInputError, ConsoleError, NotSignedInError, TooLargeError, UnsupportedMediaError

METHODS = ("OPTIONS", "POST")
CHECKS: Mapping[str, Callable[[bytes], str]] = {"aws": sns_door.verdict_on}
"""Kinds of sources that sign, each with what finds out whether rightly."""


class WrongMethodError(ConsoleError):
    """Hooks take POST alone."""

    code, status, title = "wrong-method", 405, "Wrong method"


@csrf_exempt
def hook(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Accept a delivery: durable first, then 202 with its id; problem+json on refusal."""
    try:
        if request.method not in METHODS:
            detail = f"A hook takes POST, and this was {request.method}."
            raise WrongMethodError(detail)
        source = _source(kind, token)
        if request.method == "OPTIONS":
            return HttpResponse(headers=handshakes.permission({k.lower(): v for k, v in request.headers.items()}))
        adapter = ALERT_SOURCES.get(canonical_kind(source.kind))
        _require_media(request, adapter)
        body = _body(request)
        require_signed(source, request.headers, body)
        inner = envelopes.unwrap(body, _media(request))
        value, warnings = strict_json.parse(inner)
        verdict = CHECKS.get(source.kind, _unsigned)(inner)
        backlog.require_room(source)
    except ConsoleError as error:
        return _refusal(error)
    kept = headers.kept(request.headers.items())
    delivery = accept(source, body, headers=kept, warnings=warnings, verdict=verdict)
    reply = handshakes.answer(adapter, raw(delivery, value)) if adapter is not None else None
    if reply is not None:
        return JsonResponse(reply)
    return JsonResponse({"delivery_id": delivery.uid}, status=202)


def _source(kind: str, token: str) -> Source:
    """The source of a token. Unknown, switched off and of another kind get one answer."""
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    source = Source.objects.filter(token_sha256=digest, is_active=True).first()
    if source is None or canonical_kind(source.kind) != canonical_kind(kind):
        quotas.strangers.count("delivery.refused", "intake:hooks")
        detail = "No active source has this address. Look at the source's page, or make one: ./manage.py source add."
        raise NotSignedInError(detail)
    return source


def _require_media(request: HttpRequest, adapter: Adapter | None) -> None:
    charset = (request.content_params or {}).get("charset")
    envelopes.require_media(_media(request), charset, adapter.media if adapter is not None else ())
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        detail = "Send the body without a Content-Encoding."
        raise UnsupportedMediaError(detail)


def _media(request: HttpRequest) -> str:
    return (request.content_type or "").lower()


def _unsigned(_body: bytes) -> str:
    return ""


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


def _refusal(error: ConsoleError) -> HttpResponse:
    response = HttpResponse(problem(error), status=error.status, content_type=CONTENT_TYPE)
    if error.status == 503:
        response.headers["Retry-After"] = str(backlog.RETRY_AFTER_S)
    if error.status == 405:
        response.headers["Allow"] = ", ".join(METHODS)
    # Django would log a refusal with the request's path, and the path holds the token.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 -- Django's own mark
    return response
