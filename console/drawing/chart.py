"""The chart of the symptom: limit, the part beyond it heavier, events as flags on the same axis."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console import phrases
from console.drawing import paths
from console.drawing.series import Series, thinned, top_of

PLOT_WIDTH = 93.2
CHART_POINTS = 600
"""Percent of the width that time takes; the newest value stands to the right of it."""
PLOT_HEIGHT = 172
ROWS = 4
CHAR_WIDE, CHAR_NARROW = 0.78, 2.1
"""About how wide a letter of a flag's text is, in percent of the chart, on a desk and on a phone."""
STEPS = (1, 2, 5, 10)
TICK_SECONDS = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, to be put on the axis."""

    at: datetime
    text: str
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An event, placed."""

    x: str
    row_y: int
    text: str
    anchor: str

    @property
    def dx(self) -> int:
        """How far the text stands from the flag."""
        return 9 if self.anchor == "start" else -9

    @property
    def text_y(self) -> int:
        """The text's base line."""
        return self.row_y + 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line of the grid or a tick of the axis, with its text."""

    at: str
    text: str
    text_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All that the template needs; lengths are SVG units, x in percent."""

    top: int
    line: str
    heavy: str
    grid: Sequence[Mark]
    limit: Mark | None
    flags: Sequence[Flag]
    flags_narrow: Sequence[Flag]
    ticks: Sequence[Mark]
    end_x: str
    end_y: str
    end_text: str
    end_bad: bool
    waits: bool
    sentence: str

    @property
    def base(self) -> int:
        """Where the time axis lies."""
        return self.top + PLOT_HEIGHT

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return self.base + 24

    @property
    def waits_y(self) -> int:
        """Where "plan waits" stands: away from the newest value."""
        return self.base - 30 if float(self.end_y) < self.base - 70 else self.top + 14

    @property
    def waits_y_2(self) -> int:
        """Its second line."""
        return self.waits_y + 15

    @property
    def ticks_y(self) -> int:
        """Base line of the texts under the axis."""
        return self.base + 18


def draw(series: Series, events: Sequence[Event], *, waits: bool = False) -> Chart:
    """Place a series and its events; `waits` draws the dashed line of a plan that waits for people."""
    series, hole = thinned(series, CHART_POINTS)
    first, last = series.points[0][0], series.points[-1][0]
    shown = [event for event in events if event.at.timestamp() >= first]
    last = max([last, *(event.at.timestamp() for event in shown)])
    scale = _Scale(first=first, width=(last - first) or 1.0, top=top_of(series) * 1.08)
    flags = _flags([(event.at, event.text) for event in shown], scale, CHAR_WIDE)
    narrow = _flags([(event.at, event.short or event.text) for event in shown], scale, CHAR_NARROW)
    top = 28 + max((flag.row_y for flag in [*flags, *narrow]), default=6)
    points = [(scale.x(at) * 10, (1 - scale.share(value)) * 1000) for at, value in series.points]
    runs = paths.beyond([value for _, value in series.points], series.limit, above=series.above)
    gap = hole / scale.width * PLOT_WIDTH * 10
    return Chart(
        top=top,
        line=paths.line(points, gap=gap),
        heavy=paths.heavy(points, runs, gap=gap),
        grid=_grid(series, scale, top),
        limit=_limit(series, scale, top),
        flags=flags,
        flags_narrow=narrow,
        ticks=_ticks(first, last, scale),
        end_x=f"{scale.x(series.points[-1][0]):.2f}%",
        end_y=f"{max(top + 8, scale.y(series.last, top) + 4):.0f}",
        end_text=series.last_text,
        end_bad=series.is_bad,
        waits=waits,
        sentence=_sentence(series, shown),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    first: float
    width: float
    top: float

    def x(self, at: float) -> float:
        return (at - self.first) / self.width * PLOT_WIDTH

    def share(self, value: float) -> float:
        return max(0.0, value) / self.top

    def y(self, value: float, top: int) -> float:
        return top + PLOT_HEIGHT * (1 - self.share(value))


def _grid(series: Series, scale: _Scale, top: int) -> list[Mark]:
    unit = 1024.0**2 if series.unit == "bytes" else 1.0
    rough = scale.top / unit / 2.2
    power = 10 ** math.floor(math.log10(rough))
    step = unit * next(factor * power for factor in STEPS if factor * power >= rough * 0.75)
    marks = []
    value = step
    while value < scale.top:
        y = scale.y(value, top)
        near = series.limit is not None and abs(y - scale.y(series.limit, top)) < 16
        marks.append(
            Mark(at=f"{y:.0f}", text="" if near else phrases.figure(value, series.unit), text_at=f"{y - 4:.0f}")
        )
        value += step
    return marks


def _limit(series: Series, scale: _Scale, top: int) -> Mark | None:
    if series.limit is None:
        return None
    y = scale.y(series.limit, top)
    return Mark(at=f"{y:.0f}", text=f"limit {phrases.figure(series.limit, series.unit)}", text_at=f"{y - 4:.0f}")


def _flags(events: Sequence[tuple[datetime, str]], scale: _Scale, letter: float) -> list[Flag]:
    """Give each flag the first row and side where its text does not run into another's."""
    placed: list[_Placed] = []
    flags = []
    for at, text in sorted(events):
        x = scale.x(at.timestamp())
        width = len(text) * letter + 2
        spot, anchor = _room(placed, x, width)
        placed.append(spot)
        flags.append(Flag(x=f"{x:.2f}%", row_y=6 + 16 * spot.row, text=text, anchor=anchor))
    return flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    row: int
    x: float
    low: float
    high: float

    def hits(self, other: "_Placed") -> bool:
        """Whether texts overlap, or the line under one flag runs through the text of the other."""
        if self.row == other.row:
            return not (self.high < other.low or self.low > other.high)
        upper, lower = (self, other) if self.row < other.row else (other, self)
        return lower.low <= upper.x <= lower.high


def _room(placed: Sequence[_Placed], x: float, width: float) -> tuple[_Placed, str]:
    """The first spot where nothing crosses; on a small screen at least one where no two texts overlap."""
    spots = list(_spots(x, width))
    for spot, side in spots:
        if not any(spot.hits(other) for other in placed):
            return spot, side
    for spot, side in spots:
        if not any(spot.row == other.row and spot.hits(other) for other in placed):
            return spot, side
    return _Placed(row=ROWS - 1, x=x, low=x - 1, high=x + width), "start"


def _spots(x: float, width: float) -> Iterator[tuple[_Placed, str]]:
    for row in range(ROWS):
        for side in ("end", "start") if x > 50 else ("start", "end"):
            low, high = (x - width, x + 1) if side == "end" else (x - 1, x + width)
            if low >= 0 and high <= 100:
                yield _Placed(row=row, x=x, low=low, high=high), side


def _ticks(first: float, last: float, scale: _Scale) -> list[Mark]:
    wanted = (last - first) / 4
    step = next((seconds for seconds in TICK_SECONDS if seconds >= wanted), TICK_SECONDS[-1])
    form = "%H:%M" if step >= 60 else "%H:%M:%S"
    marks = []
    at = math.ceil(first / step) * step
    while at <= last:
        x = scale.x(at)
        if 2.5 < x < 98:
            marks.append(Mark(at=f"{x:.2f}%", text=(datetime.fromtimestamp(at, UTC)).strftime(form)))
        at += step
    return marks


def _sentence(series: Series, events: Sequence[Event]) -> str:
    lasted = phrases.span(timedelta(seconds=series.points[-1][0] - series.points[0][0]))
    limit = f", limit {phrases.figure(series.limit, series.unit)}" if series.limit is not None else ""
    begin = phrases.figure(series.points[0][1], series.unit)
    told = "".join(f" {event.at:%H:%M:%S} {event.text}." for event in events)
    return f"{series.label} over {lasted}: {begin} at first, {series.last_text} at last{limit}.{told}"
