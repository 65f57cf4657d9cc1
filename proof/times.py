"""Times as signed documents write them; in that one form they sort as text."""

from datetime import UTC, datetime, timedelta

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
END = "9999-12-31T23:59:59.999999Z"


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
    """The time that lies so many seconds after one in text; the end of time if that is beyond it."""
    try:
        return rfc3339(parse(text) + timedelta(seconds=seconds))
    except OverflowError:
        return END


def parse(text: str) -> datetime:
    """Read what `rfc3339` wrote.

    Raises:
        ValueError: The text is not of that form, or there is no such day.
    """
    return datetime.strptime(text, FORM).replace(tzinfo=UTC)


def is_time(text: str) -> bool:
    """Whether the text is a time in the one form."""
    try:
        return rfc3339(parse(text)) == text
    except ValueError:
        return False
