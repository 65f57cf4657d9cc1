"""Whether an alert changes too often to be followed each time, and when it is calm again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

MOST_CHANGES = 6
WITHIN = timedelta(minutes=30)
CALM_AFTER = timedelta(minutes=30)


def is_flapping(changes: Iterable[datetime], now: datetime) -> bool:
    """Whether so many changes lie near this moment. A clock that was set back makes none of them count for ever."""
    return sum(abs(now - at) <= WITHIN for at in changes) >= MOST_CHANGES


def is_calm(last_change: datetime, now: datetime) -> bool:
    """Whether the last change is long enough away, on either side: a clock may have been set back since."""
    return abs(now - last_change) >= CALM_AFTER


def sentence(title: str, changes: int) -> str:
    """What is said about it on its incident."""
    minutes = int(WITHIN.total_seconds() // 60)
    calm = int(CALM_AFTER.total_seconds() // 60)
    return f"{title} changed {changes} times in {minutes} minutes; its incident stays open until it is calm for {calm}."
