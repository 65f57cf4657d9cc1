"""`Idempotency-Key` for what is done to incidents."""

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response

from core import idempotency
from core.actors import Actor
from incidents.models import Receipt


def once(request: Request, actor: Actor, deed: Callable[[], Response]) -> Response:
    """Carry out `deed`, or answer as before if this actor sent this key before (see `core.idempotency`)."""
    return idempotency.once(request, actor, deed, receipts=Receipt.objects)
