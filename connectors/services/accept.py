"""Keep bodies."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence

from connectors.models import Delivery, Source
from core import bulk, clock, doorbell

DRAIN = "connectors.drain"
QUEUE = "intake"


def delivery_of(
    source: Source, body: bytes, *, headers: Mapping[str, str], warnings: tuple[str, ...] = (), verdict: str = ""
) -> Delivery:
    """A delivery as it came in, not yet kept."""
    return Delivery(
        uid=secrets.token_hex(16),
        source=source,
        received_at=clock.now(),
        headers=dict(headers),
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        verdict=verdict,
        warnings=list(warnings),
    )


def accept_all(deliveries: Sequence[Delivery], *, ring: bool = True) -> None:
    """Store deliveries durably, all or none, and ring for the drain after the commit.

    Nothing else happens before the senders' 202. There is no entry of its own: the batch that drains them enters the
    Merkle root over their bodies. Who accepts often passes `ring=False` and rings for many commits at once.
    """
    bulk.insert(Delivery, deliveries, ids=False)  # one statement; a transaction around it would only cost more
    if ring:
        doorbell.ring(DRAIN, queue=QUEUE)


def accept(source: Source, body: bytes, *, headers: Mapping[str, str]) -> Delivery:
    """Store one, and ring."""
    delivery = delivery_of(source, body, headers=headers)
    delivery.save(force_insert=True)
    doorbell.ring(DRAIN, queue=QUEUE)
    return delivery
