"""Samples in memory: two hours of every series, sixteen bytes a sample."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

KEEP_S = 2 * 3600
LOOKBACK_S = 5.0  # a series that was not written for so long has ended
_TRIM_AT = 900

Labels = tuple[tuple[str, str], ...]


class Series:
    """One series: times that only grow, and values."""

    def __init__(self) -> None:
        self.times = array("d")
        self.values = array("d")

    def append(self, at: float, value: float) -> None:
        """Add a sample; one that is not newer than the last is dropped, as are old ones now and then."""
        if self.times and at <= self.times[-1]:
            return
        self.times.append(at)
        self.values.append(value)
        if len(self.times) > KEEP_S + _TRIM_AT:
            del self.times[:_TRIM_AT]
            del self.values[:_TRIM_AT]

    def at(self, moment: float) -> float | None:
        """The last value at a moment, or None when the series had ended."""
        index = bisect_right(self.times, moment) - 1
        if index < 0 or moment - self.times[index] > LOOKBACK_S:
            return None
        return self.values[index]

    def window(self, moment: float, seconds: float) -> Sequence[float]:
        """The values of the seconds that end at a moment."""
        return self.values[bisect_left(self.times, moment - seconds) : bisect_right(self.times, moment)]

    def span(self, moment: float, seconds: float) -> float:
        """Seconds between the first and the last sample of that window."""
        first, end = bisect_left(self.times, moment - seconds), bisect_right(self.times, moment)
        return self.times[end - 1] - self.times[first] if end - first > 1 else 0.0


class Store:
    """All series, by name and labels."""

    def __init__(self) -> None:
        self._series: dict[str, dict[Labels, Series]] = {}

    def write(self, name: str, labels: dict[str, str], at: float, value: float) -> None:
        """Add a sample to a series; what is not a number says nothing and is not kept."""
        if math.isnan(value):
            return
        family = self._series.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        if key not in family:
            family[key] = Series()
        family[key].append(at, value)

    def family(self, name: str) -> Iterator[tuple[dict[str, str], Series]]:
        """All series of a name."""
        for key, series in self._series.get(name, {}).items():
            yield dict(key), series


def increase(values: Sequence[float]) -> float:
    """How much a counter grew over these samples; a fall is a restart from zero."""
    return sum(new - old if new >= old else new for old, new in pairwise(values))


def changes(values: Sequence[float]) -> int:
    """How often a value changed over these samples."""
    return sum(new != old for old, new in pairwise(values))
