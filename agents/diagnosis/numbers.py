"""The statistics that detectors share: cleaning, regression, change points, the logistic, and numbers as words."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.diagnosis.facts import Samples

Floats = NDArray[np.float64]


def clean(samples: Samples | None) -> tuple[Floats, Floats]:
    """Times and values in order of time, without missing or infinite values and without repeated times."""
    if samples is None or not samples.times:
        return np.empty(0), np.empty(0)
    times, values = np.asarray(samples.times, dtype=float), np.asarray(samples.values, dtype=float)
    kept = np.isfinite(times) & np.isfinite(values)
    times, first = np.unique(times[kept], return_index=True)
    return times, values[kept][first]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A straight line through a series.

    Attributes:
        slope: units a second; r2: share of the variance that the line explains, 0..1.
        start, end: the line's values at both ends of the series.
    """

    slope: float
    r2: float
    start: float
    end: float


def trend(times: Floats, values: Floats, cuts: tuple[float, ...] = ()) -> Trend:
    """Least squares with one slope; after each cut, where the process began anew, the line has a level of its own.

    Constant or too short series have slope 0 and R² 0.
    """
    piece = np.searchsorted(np.asarray(cuts, dtype=float), times, side="right") if cuts else np.zeros(len(times), int)
    kept = np.isin(piece, [number for number in np.unique(piece) if np.count_nonzero(piece == number) >= 3])
    times, values, piece = times[kept], values[kept], piece[kept]
    flat = Trend(
        slope=0.0, r2=0.0, start=float(values[0]) if len(values) else 0.0, end=float(values[-1]) if len(values) else 0.0
    )
    if len(times) < 3:
        return flat
    around_time, around_value = times.copy(), values.copy()
    for number in np.unique(piece):
        own = piece == number
        around_time[own] -= times[own].mean()
        around_value[own] -= values[own].mean()
    spread, total = float(around_time @ around_time), float(around_value @ around_value)
    # A constant's variance is rounding noise; a line through noise of that size means nothing.
    if spread <= 0 or total <= 1e-12 * float(values @ values) or total == 0:
        return flat
    slope = float(around_time @ around_value) / spread
    rest = around_value - slope * around_time
    last = piece == piece[-1]
    middle_time, middle_value = float(times[last].mean()), float(values[last].mean())
    return Trend(
        slope=slope,
        r2=max(0.0, 1.0 - float(rest @ rest) / total),
        start=middle_value + slope * (float(times[last][0]) - middle_time),
        end=middle_value + slope * (float(times[last][-1]) - middle_time),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A step in a series.

    Attributes:
        onset: time of the first sample at the new level.
        before, after: medians on both sides.
        p: two-sided Mann-Whitney, corrected for the number of places looked at.
    """

    onset: float
    before: float
    after: float
    p: float
    n_before: int
    n_after: int

    @property
    def factor(self) -> float:
        """How many times the level grew; a thousandth is added to both so that zero has an answer."""
        return (self.after + 1e-3) / (self.before + 1e-3)


def shift(times: Floats, values: Floats, *, least: int = 3) -> Shift | None:
    """The most likely place of a step: the split with the least squared error, judged by ranks.

    Returns None for constant series and for fewer than `least` samples on a side.
    """
    count = len(values)
    if count < 2 * least or np.ptp(values) <= 1e-12 * max(1e-300, float(np.max(np.abs(values)))):
        return None
    sizes = np.arange(1, count)
    left = np.cumsum(values)[:-1]
    gain = left**2 / sizes + (values.sum() - left) ** 2 / (count - sizes)
    allowed = slice(least - 1, count - least)
    split = int(np.argmax(gain[allowed])) + least
    ahead, behind = values[:split], values[split:]
    p = rank_test(ahead, behind)
    return Shift(
        onset=float(times[split]),
        before=float(np.median(ahead)),
        after=float(np.median(behind)),
        p=min(1.0, p * (count - 2 * least + 1)),
        n_before=split,
        n_after=count - split,
    )


def rank_test(left: Floats, right: Floats) -> float:
    """Two-sided p of the Mann-Whitney U test: normal approximation, with corrections for ties and continuity.

    The same numbers as `scipy.stats.mannwhitneyu(method="asymptotic")`, without two seconds of import in every process.

    Source: Mann and Whitney, "On a test of whether one of two random variables is stochastically larger", 1947.
    """
    n_left, n_right = len(left), len(right)
    count = n_left + n_right
    _, place, sizes = np.unique(np.concatenate([left, right]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    u_left = float(ranks[:n_left].sum()) - n_left * (n_left + 1) / 2
    u = max(u_left, n_left * n_right - u_left)
    ties = float((sizes.astype(float) ** 3 - sizes).sum())
    spread = math.sqrt(n_left * n_right / 12 * ((count + 1) - ties / (count * (count - 1))))
    if spread == 0:
        return 1.0
    return min(1.0, math.erfc((u - n_left * n_right / 2 - 0.5) / spread / math.sqrt(2)))


def increases(times: Floats, values: Floats) -> tuple[float, ...]:
    """When a counter went up; a counter that restarted from a lower value starts anew."""
    return tuple(float(when) for when, step in zip(times[1:], np.diff(values), strict=True) if step > 0)


def logistic(logit: float) -> float:
    """1 / (1 + e^-x), without overflow."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))


def within(value: float, low: float, high: float) -> float:
    """The value, held between two bounds."""
    return max(low, min(high, value))


def megabytes(count: float) -> str:
    """Bytes for people."""
    return f"{count / 1e6:.0f} MB" if abs(count) >= 1e7 else f"{count / 1e6:.1f} MB"


def percent(share: float) -> str:
    """A share for people: 0.1 %, 6 %, 47 %."""
    value = share * 100
    return f"{value:.0f} %" if abs(value) >= 10 else f"{value:.1f} %"


def duration(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
