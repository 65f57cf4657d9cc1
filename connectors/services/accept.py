"""Keep a body."""

import hashlib
import secrets
from collections.abc import Mapping

from django.db import transaction

from connectors.models import Delivery, Source
from core import clock, doorbell


@transaction.atomic
def accept(
    source: Source, body: bytes, *, headers: Mapping[str, str], warnings: tuple[str, ...] = (), verdict: str = ""
) -> Delivery:
    """Store a delivery durably and ring for the drain after the commit. Nothing else happens before the sender's 202.

    There is no entry of its own: the batch that drains it enters the Merkle root over its bodies.
    """
    delivery = Delivery.objects.create(
        uid=secrets.token_hex(16),
        source=source,
        received_at=clock.now(),
        headers=dict(headers),
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        verdict=verdict,
        warnings=list(warnings),
    )
    doorbell.ring("connectors.drain", queue="intake")
    return delivery
