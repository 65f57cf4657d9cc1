"""Fourteen days of windows as bars: where each lies, in the units of the drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAYS = 14
LEFT, WIDTH = 168.0, 1072.0
ROW, FIRST = 30.0, 32.0
LEAST = 5.0
HEAD = 22.0
MOST_ROWS = 10
DAY = WIDTH / DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A window in the drawing; `look` is w (open), p (planned) or f (freeze)."""

    x: float
    width: float
    look: str
    text: str

    @property
    def text_x(self) -> float:
        """Where its words begin."""
        return self.x + 8 if self.look == "f" else self.x + self.width + 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What windows are about, and its bars."""

    label: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A column."""

    x: float
    text: str
    is_weekend: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The whole drawing."""

    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    now_x: float
    height: float

    @property
    def shade(self) -> float:
        """How high a weekend's column is, below the names of the days."""
        return self.height - HEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is drawn: a label, from, until, its look and its words."""

    label: str
    starts_at: datetime
    until: datetime
    look: str
    text: str


def draw(spans: Iterable[Span], now: datetime) -> Calendar:
    """Lay out what overlaps the fourteen days that begin with today, one row a label, times UTC."""
    begin = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = begin + timedelta(days=DAYS)
    labels: dict[str, list[Bar]] = {}
    for span in spans:
        if span.until > begin and span.starts_at < end:
            x = _x(max(span.starts_at, begin), begin)
            width = max(LEAST, _x(min(span.until, end), begin) - x)
            labels.setdefault(span.label, []).append(Bar(x=x, width=round(width, 1), look=span.look, text=span.text))
    rows = [
        Row(label=label, y=FIRST + number * ROW, bars=tuple(bars))
        for number, (label, bars) in enumerate(list(labels.items())[:MOST_ROWS])
    ]
    days = [begin + timedelta(days=number) for number in range(DAYS)]
    return Calendar(
        days=tuple(Day(x=_x(day, begin), text=_day(day, days[0]), is_weekend=day.weekday() > 4) for day in days),
        rows=tuple(rows),
        now_x=_x(now, begin),
        height=FIRST + len(rows) * ROW,
    )


def _x(at: datetime, begin: datetime) -> float:
    return round(LEFT + (at - begin) / timedelta(days=1) * DAY, 1)


def _day(day: datetime, first: datetime) -> str:
    named = day == first or day.day == 1
    return f"{day:%a} {day.day} {day:%b}" if named else f"{day:%a} {day.day}"
