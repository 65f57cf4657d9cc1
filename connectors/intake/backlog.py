"""How much waits to be drained; counted rarely while there is room."""

from dataclasses import dataclass

from django.conf import settings

from connectors.models import Delivery, DeliveryState
from core import clock
from core.errors import OverloadedError

FRESH_S = 1.0
RETRY_AFTER_S = 5


@dataclass(slots=True)
class _Room:
    """What the last count leaves this process to accept before it counts again."""

    limit: int = 0
    left: int = 0
    until: float = 0.0


_room = _Room()


def require_room() -> None:
    """Refuse when as many deliveries wait as may wait.

    After a count, a process accepts at most half of the room it saw, for at most a second, without counting again.

    Raises:
        OverloadedError: The inbox is full; the sender should come again.
    """
    limit = settings.INTAKE_MAX_WAITING
    if _room.limit == limit and _room.left > 0 and clock.monotonic() < _room.until:
        _room.left -= 1
        return
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("id")[: limit + 1].count()
    _room.limit, _room.left, _room.until = limit, (limit - waiting) // 2, clock.monotonic() + FRESH_S
    if waiting >= limit:
        detail = f"{waiting:,} deliveries wait to be read. Nothing was accepted; send this again in a few seconds."
        raise OverloadedError(detail)


def forget() -> None:
    """Count again at the next delivery."""
    _room.limit = 0
