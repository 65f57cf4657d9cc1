"""A symptom over time, and its small drawing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from console import phrases
from console.drawing import paths

Sample = tuple[float, float]
FLAT_SHARE, FLAT_HEADROOM = 0.75, 1.8
"""A level signal is drawn in the middle: at the top edge it would look like an alarm."""
HOLE_STEPS = 6
SPARK_POINTS = 120
"""More than a small drawing can show; hours of waiting would make the page heavy."""
LATELY = 12
"""So many newest steps say how often a symptom is read by now, which may be less often than at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was measured.

    Attributes:
        points: seconds since the epoch and value, ascending.
        limit: the line that should not be crossed, if there is one; `above` says which side is bad.
        unit: `ratio` and `bytes` are written as percent and MiB.
        short: the label where there is little room.
    """

    label: str
    points: Sequence[Sample]
    unit: str = ""
    limit: float | None = None
    above: bool = True
    source: str = ""
    short: str = ""

    @property
    def last(self) -> float:
        """The newest value."""
        return self.points[-1][1]

    @property
    def last_text(self) -> str:
        """The newest value with its unit."""
        return phrases.figure(self.last, self.unit)

    @property
    def is_bad(self) -> bool:
        """Whether the newest value is beyond the limit."""
        return bool(paths.beyond([self.last], self.limit, above=self.above))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A sparkline in a box of 100 by 100; empty where nothing was read yet."""

    line: str = ""
    heavy: str = ""
    limit_y: str = ""
    hot: bool = False
    value: str = ""
    label: str = ""
    sentence: str = field(default="")


def top_of(series: Series) -> float:
    """The value at the upper edge of a drawing of the series."""
    values = [value for _, value in series.points]
    highest = max([*values, series.limit] if series.limit is not None else values)
    if highest <= 0:
        return 1.0
    return highest * FLAT_HEADROOM if min(values) > FLAT_SHARE * highest else highest


def gap_of(series: Series) -> float:
    """How long without a value is a hole in the line rather than a step: several times the usual step."""
    steps = [later[0] - earlier[0] for earlier, later in pairwise(series.points)]
    if not steps:
        return float("inf")
    return HOLE_STEPS * max(_median(steps), _median(steps[-LATELY:]))


def _median(steps: Sequence[float]) -> float:
    return sorted(steps)[len(steps) // 2]


def thinned(series: Series, most: int) -> tuple[Series, float]:
    """The series with few enough points to draw, and the gap that is a hole in it.

    Of each stretch its lowest and its highest value are kept, so that no peak is lost; the ends stay as they are.
    """
    points = series.points
    if len(points) <= most:
        return series, gap_of(series)
    first, last = points[0][0], points[-1][0]
    stretch = (last - first) / (most / 2) or 1.0
    kept: dict[int, list[Sample]] = {}
    for at, value in points[1:-1]:
        kept.setdefault(int((at - first) / stretch), []).append((at, value))
    inside = (one for found in kept.values() for one in sorted({min(found, key=_value), max(found, key=_value)}))
    return replace(series, points=[points[0], *inside, points[-1]]), max(gap_of(series), 2 * stretch)


def _value(sample: Sample) -> float:
    return sample[1]


def spark(series: Series | None, *, loud: bool = False) -> Spark:
    """Draw it small; `loud` is for the one row that may shout."""
    if series is None or not series.points:
        return Spark()
    series, hole = thinned(series, SPARK_POINTS)
    first, last = series.points[0][0], series.points[-1][0]
    width = (last - first) or 1.0
    top = top_of(series)

    def place(sample: Sample) -> paths.Point:
        return (sample[0] - first) / width * 100, 100 - max(0.0, sample[1]) / top * 92.6

    points = [place(sample) for sample in series.points]
    runs = paths.beyond([value for _, value in series.points], series.limit, above=series.above)
    begin = phrases.figure(series.points[0][1], series.unit)
    limit = f", limit {phrases.figure(series.limit, series.unit)}" if series.limit is not None else ""
    gap = hole / width * 100
    return Spark(
        line=paths.line(points, gap=gap),
        heavy=paths.heavy(points, runs, gap=gap),
        limit_y=f"{place((first, series.limit))[1]:.1f}" if series.limit is not None else "",
        hot=loud and series.is_bad,
        value=series.last_text,
        label=series.short or series.label,
        sentence=f"{series.label}: {begin} at first, {series.last_text} now{limit}",
    )
