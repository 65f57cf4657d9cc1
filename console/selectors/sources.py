"""What comes in: every source with what it delivered in the last day, against what is usual for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum
from django.db.models.functions import TruncHour

from connectors.certificates import left_of, stored
from connectors.health import Health
from connectors.intake.backlog import waiting_by_source
from connectors.models import Delivery, DeliveryState, Source, Tally
from connectors.registry import ALERT_SOURCES
from connectors.selectors import healths
from console import phrases
from console.drawing.series import Series, Spark, spark
from console.selectors import mirrors
from console.selectors.mirrors import Link
from core import clock

DAY = timedelta(days=1)
HOURS = 24
FEWEST = 6
"""Deliveries in a day from which on there is a usual number an hour."""
COUNTED = ("today", "hour", "lost", "unknown")
VIEWS = (("all", "All"), ("unusual", "Not as usual"), ("silent", "Silent"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source.

    Attributes:
        hour: deliveries of the last hour, and what waits; `usual` the middle half of the day's hours, in words.
        silent: for how long, in words, where that is far longer than usual; else empty.
        is_full: whether so much of it waits to be read that deliveries are refused for now.
        expiry: that its client certificate ends soon, or has ended, in words; else empty.
    """

    slug: str
    name: str
    kind: str
    title: str
    autonomy: str
    is_active: bool
    created_at: datetime
    last_at: datetime | None
    today: int
    hour: int
    usual: str
    rhythm: str
    spark: Spark
    dead: int
    unclassified: int
    waiting: int
    silent: str
    is_full: bool
    expiry: str

    @property
    def unusual(self) -> bool:
        """Whether somebody may want to look at it."""
        return self.is_active and bool(self.silent or self.is_full or self.dead or self.unclassified or self.expiry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The page: rows in groups, and the facts above them."""

    rows: Sequence[Row]
    shown: Sequence[Row]
    view: str
    text: str
    connections: Sequence[Link]
    lag: str

    @property
    def groups(self) -> list[tuple[str, str, list[Row]]]:
        """Title, note and rows: what is not as usual first, what is paused last."""
        unusual = [row for row in self.shown if row.unusual]
        usual = [row for row in self.shown if row.is_active and not row.unusual]
        paused = [row for row in self.shown if not row.is_active]
        silent = sum(bool(row.silent) for row in unusual)
        note = f"in 24 h; {phrases.plural(silent, 'is', 'are')} silent" if silent else "in 24 h; none is silent"
        found = [("Not as usual", note, unusual), ("As usual", str(len(usual)), usual)]
        return [group for group in [*found, ("Paused", "deliveries are refused", paused)] if group[2]]

    @property
    def headline(self) -> str:
        """The answer to: does everything come in?"""
        active = [row for row in self.rows if row.is_active]
        heard = [row for row in active if row.last_at and not row.silent]
        if not self.rows:
            return "Nothing is listening yet"
        if not active:
            return "Every source is paused"
        if not heard:
            return "No source delivers"
        if len(heard) == len(active):
            many = f"All {phrases.digits(len(active))} sources deliver"
            return {1: "The source delivers", 2: "Both sources deliver"}.get(len(active), many)
        return f"{len(heard)} of {phrases.plural(len(active), 'source')} {'delivers' if len(heard) == 1 else 'deliver'}"

    @property
    def aside(self) -> str:
        """What is not as it should be, in a few words."""
        silent = sum(bool(row.silent) for row in self.rows)
        partly = sum(row.is_active and bool(row.dead or row.unclassified) for row in self.rows)
        told = [f"{phrases.plural(silent, 'is', 'are')} silent"] if silent else []
        told += [f"{phrases.plural(partly, 'is', 'are')} partly not understood"] if partly else []
        return ", ".join(told)

    @property
    def today(self) -> int:
        """Deliveries accepted in the last day."""
        return sum(row.today for row in self.rows)

    @property
    def dead(self) -> int:
        """Dead letters of the last day."""
        return sum(row.dead for row in self.rows)

    @property
    def waiting(self) -> int:
        """Deliveries that nobody read yet."""
        return sum(row.waiting for row in self.rows)

    @property
    def views(self) -> list[dict[str, object]]:
        """The saved views with their counts."""
        counts = {name: len([row for row in self.rows if _is_in(row, name)]) for name, _ in VIEWS}
        return [{"name": name, "title": title, "count": counts[name], "key": at} for at, (name, title) in _numbered()]


def read(*, view: str = "all", text: str = "") -> Sources:
    """Every source."""
    rows = rows_of(Source.objects.order_by("slug"))
    words = text.lower().split()
    shown = [row for row in rows if _is_in(row, view) and all(word in _words(row) for word in words)]
    oldest = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("id").first()
    return Sources(
        rows=rows,
        shown=shown,
        view=view,
        text=text,
        connections=mirrors.connections(),
        lag=phrases.span(clock.now() - oldest.received_at) if oldest else phrases.span(timedelta()),
    )


def rows_of(sources: Iterable[Source]) -> list[Row]:
    """These sources with their day."""
    found, now = list(sources), clock.now()
    ids = [source.pk for source in found]
    since = Tally.objects.filter(source__in=ids, at__gt=now - DAY).order_by()
    counts: dict[int, Mapping[str, int]] = {
        one["source"]: {name: one[name] for name in COUNTED}  # type: ignore[literal-required]  # a TypedDict
        for one in since.values("source").annotate(
            today=Sum("count"),
            hour=Sum("count", filter=Q(at__gt=now - timedelta(hours=1)), default=0),
            lost=Sum("dead"),
            unknown=Sum("unclassified"),
        )
    }
    left = waiting_by_source(ids)
    hours: dict[int, dict[datetime, int]] = defaultdict(dict)
    for one in since.annotate(begin=TruncHour("at")).values("source", "begin").annotate(number=Sum("count")):
        hours[one["source"]][one["begin"]] = one["number"]
    told = healths(found, now)
    return [
        _row(source, told[source.pk], counts.get(source.pk, {}), hours[source.pk], left.get(source.pk, 0), now)
        for source in found
    ]


def title_of(kind: str) -> str:
    """The product's name for a kind."""
    known = ALERT_SOURCES.get(kind)
    return known.title if known else kind


def _row(
    source: Source,
    doing: Health,
    counts: Mapping[str, int],
    hours: Mapping[datetime, int],
    waiting: int,
    now: datetime,
) -> Row:
    begin = now.replace(minute=0, second=0, microsecond=0)
    a_day = [begin - timedelta(hours=HOURS - 1 - at) for at in range(HOURS)]
    per_hour = [(moment, hours.get(moment, 0)) for moment in a_day if moment >= source.created_at - timedelta(hours=1)]
    today = counts.get("today", 0) + waiting
    series = Series(label="deliveries an hour", points=[(at.timestamp(), float(count)) for at, count in per_hour])
    return Row(
        slug=source.slug,
        name=source.name,
        kind=source.kind,
        title=title_of(source.kind),
        autonomy=source.autonomy,
        is_active=source.is_active,
        created_at=source.created_at,
        last_at=source.last_delivery_at,
        today=today,
        hour=counts.get("hour", 0) + waiting,
        usual=_usual([count for _, count in per_hour[:-1]]) if today >= FEWEST else "",
        rhythm=_rhythm(doing),
        spark=spark(series if today and len(per_hour) > 1 else None),
        dead=counts.get("lost", 0),
        unclassified=counts.get("unknown", 0),
        waiting=waiting,
        silent=_silence(doing),
        is_full=doing.state == "full",
        expiry=_expiry(source, now),
    )


def _expiry(source: Source, now: datetime) -> str:
    left = left_of(stored(source.certificates), now)
    if left is None:
        return ""
    return f"its certificate ends in {phrases.age(left)}" if left > timedelta() else "its certificate has ended"


def _usual(counts: Sequence[int]) -> str:
    """The middle half of the hours: `190 to 240`."""
    if len(counts) < 4:
        return ""
    ordered = sorted(counts)
    low, high = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
    return phrases.digits(low) if low == high else f"{phrases.digits(low)} to {phrases.digits(high)}"


def _rhythm(doing: Health) -> str:
    return f"usually every {phrases.age(timedelta(seconds=doing.usual_gap_s))}" if doing.usual_gap_s else ""


def _silence(doing: Health) -> str:
    return phrases.age(timedelta(seconds=doing.silent_s or 0)) if doing.state == "silent" else ""


def _is_in(row: Row, view: str) -> bool:
    return {"unusual": row.unusual, "silent": bool(row.silent)}.get(view, True)


def _words(row: Row) -> str:
    return f"{row.slug} {row.name} {row.kind} {row.title}".lower()


def _numbered() -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(VIEWS, 1))
