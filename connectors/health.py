"""How a source is doing: how often it usually delivers, and whether it has fallen silent. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

FEWEST: Final = 6
"""Deliveries from which on there is something usual."""
TIMES: Final = 10
"""A silence of so many usual gaps is unusual."""
AT_ONCE: Final = timedelta(minutes=1)
"""What comes within this of the one before says nothing of how often a source delivers: a storm is no rhythm."""
LONG_ENOUGH: Final = timedelta(minutes=10)
"""Deliveries that came one by one for so long are a rhythm, however fast."""
LEAST_SILENCE: Final = timedelta(minutes=15)
SPANS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """How many deliveries came in each span of a length, by when it began; spans without any may be left out."""

    length: timedelta
    counts: Mapping[datetime, int]


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


def health(
    times: Sequence[datetime], now: datetime, *, is_active: bool, is_full: bool, spans: Spans | None = None
) -> Health:
    """Judge by the moments of the last deliveries, in any order; if they came at once, by the spans before."""
    ordered = sorted(times)
    silent = max(now - ordered[-1], timedelta()) if ordered else None
    gap = _usual(ordered) if spans is None else _usual_by(spans)
    state = _state(silent, gap, is_active=is_active, is_full=is_full)
    return Health(
        state=state,
        silent_s=silent.total_seconds() if silent is not None else None,
        usual_gap_s=gap.total_seconds() if gap is not None else None,
        sentence=_sentence(state, silent, gap),
    )


def came_at_once(times: Sequence[datetime]) -> bool:
    """Whether deliveries, enough by their number, came in bursts too few to tell of a rhythm."""
    ordered = sorted(times)
    if len(ordered) < FEWEST or len(_apart(ordered)) >= FEWEST:
        return False
    took = ordered[-1] - ordered[0]
    return took < LONG_ENOUGH or _middle(ordered) * len(ordered) < took / 4


def _usual(ordered: Sequence[datetime]) -> timedelta | None:
    """The middle gap; where there are longer ones between bursts, the middle one of those."""
    if len(ordered) < FEWEST or came_at_once(ordered):
        return None
    apart = _apart(ordered)
    between = _middle(apart) if len(apart) >= FEWEST else timedelta()
    return between if between > 2 * AT_ONCE else _middle(ordered)


def _usual_by(spans: Spans) -> timedelta | None:
    """The same by how many came in each span in which something did."""
    busy = sorted(at for at, count in spans.counts.items() if count)
    if len(busy) < FEWEST:
        return None
    between = _middle(busy)
    return between if between > spans.length else spans.length / median(spans.counts[at] for at in busy)


def _apart(ordered: Sequence[datetime]) -> list[datetime]:
    """The moments without those that follow at once on the one before."""
    return [*ordered[:1], *(after for before, after in pairwise(ordered) if after - before > AT_ONCE)]


def _middle(ordered: Sequence[datetime]) -> timedelta:
    return timedelta(seconds=median((after - before).total_seconds() for before, after in pairwise(ordered)))


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
