"""`POST /hooks/<kind>/<token>`."""

import hashlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from audit import quotas
from connectors.intake import backlog, strict_json
from connectors.intake.refusals import CONTENT_TYPE, problem
from connectors.models import Source
from connectors.registry import canonical_kind
from connectors.services.accept import accept
from core.errors import BadInputError, ConsoleError, NotSignedInError, TooLargeError, UnsupportedMediaError

KEPT_HEADERS = ("Content-Type", "User-Agent", "X-Request-Id", "Traceparent")
UTF8 = frozenset({"utf-8", "utf8"})


class WrongMethodError(ConsoleError):
    """Hooks take POST alone."""

    code, status, title = "wrong-method", 405, "Wrong method"


@csrf_exempt
def hook(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Accept a delivery: durable first, then 202 with its id; problem+json on refusal."""
    try:
        if request.method != "POST":
            detail = f"A hook takes POST, and this was {request.method}."
            raise WrongMethodError(detail)
        source = _source(kind, token)
        _require_json(request)
        body = _body(request)
        _, warnings = strict_json.parse(body)
        backlog.require_room()
    except ConsoleError as error:
        return _refusal(error)
    delivery = accept(source, body, headers=_kept(request), warnings=warnings)
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


def _require_json(request: HttpRequest) -> None:
    media = (request.content_type or "").lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        detail = f"Send application/json; this was {media[:80] or 'without a content type'}."
        raise UnsupportedMediaError(detail)
    charset = (request.content_params or {}).get("charset", "utf-8").strip("\"' ").lower()
    if charset not in UTF8:
        detail = f"Send UTF-8; this said charset {charset[:40]!r}."
        raise UnsupportedMediaError(detail)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        detail = "Send the body without a Content-Encoding."
        raise UnsupportedMediaError(detail)


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


def _kept(request: HttpRequest) -> dict[str, str]:
    found = ((name, request.headers.get(name, "")) for name in KEPT_HEADERS)
    return {name: strict_json.scrub(value)[:200] for name, value in found if value}


def _refusal(error: ConsoleError) -> HttpResponse:
    response = HttpResponse(problem(error), status=error.status, content_type=CONTENT_TYPE)
    if error.status == 503:
        response.headers["Retry-After"] = str(backlog.RETRY_AFTER_S)
    if error.status == 405:
        response.headers["Allow"] = "POST"
    # Django would log a refusal with the request's path, and the path holds the token.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 -- Django's own mark
    return response
