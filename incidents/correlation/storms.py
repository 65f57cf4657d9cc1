"""When alerts come faster than anybody can open incidents for them."""

from datetime import datetime, timedelta

MOST_OPENED = 100
WITHIN = timedelta(minutes=5)
EVERY = 100


def begins(opened: int) -> bool:
    """Whether so many incidents were opened within the time that the next alert begins a storm."""
    return opened >= MOST_OPENED


def goes_on(opened_at: datetime, earlier: datetime | None, now: datetime) -> bool:
    """Whether a storm that is open takes the next alert in.

    Args:
        opened_at: when the storm was opened.
        earlier: when it took in the alert that lies `MOST_OPENED` back, None if there is none yet.
        now: this moment; a clock that was set back ends the storm rather than prolonging it.
    """
    return any(abs(now - at) <= WITHIN for at in (opened_at, earlier) if at is not None)


def is_told(count: int) -> bool:
    """Whether this many alerts are worth a line in the record: the first, and each hundredth."""
    return count == 1 or count % EVERY == 0


def title(count: int) -> str:
    """What the incident is called."""
    return f"Alert storm: {count:,} alerts so far" if count >= EVERY else "Alert storm"


def why() -> str:
    """Why there is one, in a sentence."""
    minutes = int(WITHIN.total_seconds() // 60)
    return f"{MOST_OPENED} incidents opened within {minutes} minutes; what comes now is gathered in one."
