"""How a source is doing: how often it usually delivers, and whether it has fallen silent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

FEWEST: Final = 6
"""Deliveries from which on there is something usual."""
TIMES: Final = 10
"""A silence of so many usual gaps is unusual."""
LEAST_SILENCE: Final = timedelta(minutes=15)
SPANS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a source is doing.

    Attributes:
        state: new, delivering, silent, full or paused.
        silent_s: how long nothing has come; None where nothing ever did.
        usual_gap_s: the middle one of the gaps between its last deliveries; None where there are too few.
        sentence: the same for people, such as `silent for 3 h, usually every 4 min`.
    """

    state: str
    silent_s: float | None
    usual_gap_s: float | None
    sentence: str


def health(times: Sequence[datetime], now: datetime, *, is_active: bool, is_full: bool) -> Health:
    """Judge by the moments of the last deliveries, in any order."""
    ordered = sorted(times)
    silent = max(now - ordered[-1], timedelta()) if ordered else None
    gap = _usual(ordered)
    state = _state(silent, gap, is_active=is_active, is_full=is_full)
    return Health(
        state=state,
        silent_s=silent.total_seconds() if silent is not None else None,
        usual_gap_s=gap.total_seconds() if gap is not None else None,
        sentence=_sentence(state, silent, gap),
    )


def _usual(ordered: Sequence[datetime]) -> timedelta | None:
    if len(ordered) < FEWEST:
        return None
    gaps = [(after - before).total_seconds() for before, after in pairwise(ordered)]
    return timedelta(seconds=median(gaps))


def _state(silent: timedelta | None, gap: timedelta | None, *, is_active: bool, is_full: bool) -> str:
    if not is_active:
        return "paused"
    if is_full:
        return "full"
    if silent is None:
        return "new"
    return "silent" if gap is not None and silent > max(LEAST_SILENCE, TIMES * gap) else "delivering"


def _sentence(state: str, silent: timedelta | None, gap: timedelta | None) -> str:
    usually = f"usually every {span(gap)}" if gap is not None else ""
    said = {
        "paused": "paused, deliveries are refused",
        "full": "too much waits to be read, deliveries are refused for now",
        "new": "nothing has come yet",
        "silent": f"silent for {span(silent or timedelta())}",
    }.get(state, f"last heard {span(silent or timedelta())} ago")
    return f"{said}, {usually}" if usually and state in {"silent", "delivering"} else said


def span(length: timedelta) -> str:
    """A length of time in its greatest unit: `3 h`."""
    seconds = int(length.total_seconds())
    size, unit = next(((size, unit) for size, unit in SPANS if seconds >= size), (1, "s"))
    return f"{seconds // size} {unit}"
