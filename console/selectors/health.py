"""The facts above the queue: grey while normal, lit only when not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min

from connectors.models import Delivery, DeliveryState, Source
from console import phrases
from core import clock

SLOW = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How intake is doing."""

    sources: int
    heard: int
    last_signal: datetime | None
    lag: str
    late: bool
    dead: int


def pulse() -> Pulse:
    """Sources, the age of the oldest waiting delivery, dead letters of the last day."""
    now = clock.now()
    oldest = Delivery.objects.filter(state=DeliveryState.WAITING).aggregate(at=Min("received_at"))["at"]
    lag = now - oldest if oldest else timedelta()
    sources = Source.objects.filter(is_active=True)
    return Pulse(
        sources=sources.count(),
        heard=sources.filter(last_delivery_at__isnull=False).count(),
        last_signal=sources.aggregate(at=Max("last_delivery_at"))["at"],
        lag=phrases.span(lag),
        late=lag > SLOW,
        dead=Delivery.objects.filter(state=DeliveryState.DEAD, received_at__gte=now - timedelta(days=1)).count(),
    )
