"""What is asked of sources and deliveries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from connectors.health import Health, health
from connectors.models import Delivery, DeliveryState, Source
from core import clock

LOOKED_AT = 50
"""A source's newest deliveries, by which its rhythm is told."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A source with what it did in the last hour.

    Attributes:
        per_minute: deliveries a minute, over the last hour.
        dead: dead letters among those of the last hour; `waiting` is all that waits.
    """

    source: Source
    health: Health
    last_hour: int
    per_minute: float
    dead: int
    waiting: int


def doing(sources: Iterable[Source]) -> list[Doing]:
    """How these sources are doing."""
    found, now = list(sources), clock.now()
    counted = _counts([source.pk for source in found], now)
    return [_one(source, counted.get(source.pk, {}), now) for source in found]


def health_of(source: Source, now: datetime) -> Health:
    """How a source is doing, by the moments of its last deliveries."""
    newest = Delivery.objects.filter(source=source).order_by("-id").values_list("received_at", flat=True)[:LOOKED_AT]
    return health(list(newest), now, is_active=source.is_active, is_full=source.full_since is not None)


def _counts(ids: list[int], now: datetime) -> dict[int, dict[str, int]]:
    recent = Delivery.objects.filter(source__in=ids, received_at__gt=now - HOUR).order_by()
    dead = Count("pk", filter=Q(state=DeliveryState.DEAD))
    found: dict[int, dict[str, int]] = {
        row["source"]: {"hour": row["hour"], "dead": row["dead"]}
        for row in recent.values("source").annotate(hour=Count("pk"), dead=dead)
    }
    waiting = Delivery.objects.filter(source__in=ids, state=DeliveryState.WAITING).order_by()
    for pk, count in waiting.values_list("source").annotate(Count("pk")):
        found.setdefault(pk, {})["waiting"] = count
    return found


def _one(source: Source, counts: Mapping[str, int], now: datetime) -> Doing:
    hour = counts.get("hour", 0)
    return Doing(
        source=source,
        health=health_of(source, now),
        last_hour=hour,
        per_minute=round(hour / 60, 3),
        dead=counts.get("dead", 0),
        waiting=counts.get("waiting", 0),
    )
