"""`Idempotency-Key`: the same request under the same key is carried out once and answered the same again."""

import hashlib
from collections.abc import Callable

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from incidents.models import Receipt

LONGEST = 200


def once(request: Request, actor: Actor, deed: Callable[[], Response]) -> Response:
    """Carry out `deed`, or answer as before if this actor sent this key before. Without a key it just acts.

    The receipt is written in the deed's transaction: either both exist or neither.

    Raises:
        BadInputError: The key is too long or not printable.
        RefusedError: The key was used for another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return deed()
    if len(key) > LONGEST or not key.isprintable() or not key.isascii():
        detail = f"An Idempotency-Key has at most {LONGEST} printable ASCII characters."
        raise BadInputError(detail)
    asked = f"{request.method} {request.path}\n".encode() + request.body
    digest = hashlib.sha256(asked).hexdigest()
    with transaction.atomic():
        receipt, is_new = Receipt.objects.select_for_update().get_or_create(
            actor=actor.id,
            key=key,
            defaults={"request_sha256": digest, "status": 0, "body": None, "created_at": clock.now()},
        )
        if receipt.request_sha256 != digest:
            detail = "This Idempotency-Key was used for another request. Use a new key for a new request."
            raise RefusedError(detail)
        if not is_new:
            return Response(receipt.body, status=receipt.status)
        response = deed()
        receipt.status, receipt.body = response.status_code, response.data
        receipt.save(update_fields=["status", "body"])
    return response
