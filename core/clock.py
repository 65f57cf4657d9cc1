"""The one clock. Nothing else in the product asks the operating system what time it is."""

import os
import time
from datetime import UTC, datetime, timedelta

from proof import times

SHIFT_VARIABLE = "COUNTERSIGN_CLOCK_SHIFT_S"


def shift() -> timedelta:
    """How far this process's clock is moved, for tests of clock jumps; production refuses to start with one."""
    return timedelta(seconds=float(os.environ.get(SHIFT_VARIABLE, "0") or "0"))


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC) + shift()


def timestamp() -> float:
    """The current time in seconds since the epoch, UTC."""
    return now().timestamp()


def monotonic() -> float:
    """Seconds from an arbitrary origin that never go back; for time-outs inside one process only."""
    return time.monotonic()


def rfc3339(moment: datetime) -> str:
    """A time as signed documents write it: UTC, microseconds, `Z` (RFC 3339)."""
    return times.rfc3339(moment)


def from_rfc3339(text: str) -> datetime:
    """Read what `rfc3339` wrote.

    Raises:
        ValueError: The text is not of that form.
    """
    return times.parse(text)
