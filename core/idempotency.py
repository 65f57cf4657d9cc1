"""`Idempotency-Key`: the same request under the same key is carried out once and answered the same again."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import models, transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError

LONGEST = 200


class AnyReceipt(models.Model):
    """An answer that is given again when the same person repeats the same request under the same key.

    Each package that takes such keys keeps its own.

    Attributes:
        request_sha256: digest of method, path and body; the same key with another request is refused.
    """

    actor = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["actor", "key"], name="%(app_label)s_one_receipt_a_key")
        ]

    def __str__(self) -> str:
        return self.key


def once(request: Request, actor: Actor, deed: Callable[[], Response], *, receipts: "models.Manager[Any]") -> Response:
    """Carry out `deed`, or answer as before if this actor sent this key before. Without a key it just acts.

    The receipt is written in the deed's transaction: either both exist or neither.

    Args:
        request: it holds the key, if there is one.
        actor: who asks.
        deed: what to do once.
        receipts: where the package keeps its receipts.

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
        receipt, is_new = receipts.select_for_update().get_or_create(
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
        receipt.status, receipt.body = response.status_code, json.loads(JSONRenderer().render(response.data))
        receipt.save(update_fields=["status", "body"])
    return response
