"""Times as signed documents write them; in that one form they sort as text."""

from datetime import UTC, datetime, timedelta

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def rfc3339(moment: datetime) -> str:
    """An aware time as UTC with microseconds and `Z`.

    Raises:
        ValueError: The time has no zone, so nobody knows when it is.
    """
    if moment.tzinfo is None:
        msg = "A time without a zone is no time."
        raise ValueError(msg)
    return moment.astimezone(UTC).strftime(FORM)


def later(text: str, seconds: int) -> str:
    """The time that lies so many seconds after one in text."""
    return rfc3339(datetime.strptime(text, FORM).replace(tzinfo=UTC) + timedelta(seconds=seconds))
