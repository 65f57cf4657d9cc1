"""What is asked of sources and deliveries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from connectors.health import Health, Spans, came_at_once, health
from connectors.intake.backlog import waiting_by_source
from connectors.models import Delivery, Source, Tally
from connectors.tallies import SPAN
from core import clock

LOOKED_AT = 50
"""A source's newest deliveries, by which its rhythm is told."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_ONCE = 100
"""Sources asked about in one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A source with what it did in the last hour.

    Attributes:
        last_hour: deliveries of the last hour, counted by spans, and what waits; `per_minute` the same a minute.
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
    told = healths(found, now)
    return [_one(source, told[source.pk], counted.get(source.pk, {})) for source in found]


def healths(sources: Iterable[Source], now: datetime) -> dict[int, Health]:
    """How each source is doing, by the moments of its last deliveries; two queries for all of them.

    After a storm the last deliveries all came at once; then it is told by the day before, in a third.
    """
    found = list(sources)
    times = _newest([source.pk for source in found])
    spans = _spans([pk for pk, moments in times.items() if came_at_once(moments)], now)
    return {
        source.pk: health(
            times[source.pk],
            now,
            is_active=source.is_active,
            is_full=source.full_since is not None,
            spans=spans.get(source.pk),
        )
        for source in found
    }


def _newest(ids: list[int]) -> dict[int, list[datetime]]:
    """When the newest deliveries of each source came."""
    oldest = Delivery.objects.filter(source=OuterRef("pk")).order_by("-id").values("id")[LOOKED_AT - 1 : LOOKED_AT]
    since = Source.objects.filter(pk__in=ids).values_list("pk", Coalesce(Subquery(oldest), 0))
    wanted = [Q(source=pk, id__gte=first) for pk, first in since]
    times: dict[int, list[datetime]] = {pk: [] for pk in ids}
    for at in range(0, len(wanted), AT_ONCE):
        rows = Delivery.objects.filter(reduce(or_, wanted[at : at + AT_ONCE]))
        for pk, received_at in rows.values_list("source_id", "received_at"):
            times[pk].append(received_at)
    return times


def _spans(ids: list[int], now: datetime) -> dict[int, Spans]:
    """How much came in each span of the last day; what waits to be read is not counted yet."""
    if not ids:
        return {}
    counts: dict[int, dict[datetime, int]] = {pk: {} for pk in ids}
    rows = Tally.objects.filter(source__in=ids, at__gt=now - DAY).values_list("source", "at", "count")
    for pk, at, count in rows:
        counts[pk][at] = count
    return {pk: Spans(length=SPAN, counts=counted) for pk, counted in counts.items()}


def _counts(ids: list[int], now: datetime) -> dict[int, dict[str, int]]:
    recent = Tally.objects.filter(source__in=ids, at__gt=now - HOUR).order_by().values("source")
    found: dict[int, dict[str, int]] = {
        row["source"]: {"hour": row["hour"], "dead": row["lost"]}
        for row in recent.annotate(hour=Sum("count"), lost=Sum("dead"))
    }
    for pk, count in waiting_by_source(ids).items():
        counts = found.setdefault(pk, {})
        counts["waiting"], counts["hour"] = count, counts.get("hour", 0) + count
    return found


def _one(source: Source, told: Health, counts: Mapping[str, int]) -> Doing:
    hour = counts.get("hour", 0)
    return Doing(
        source=source,
        health=told,
        last_hour=hour,
        per_minute=round(hour / 60, 3),
        dead=counts.get("dead", 0),
        waiting=counts.get("waiting", 0),
    )
