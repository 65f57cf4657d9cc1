"""Times as signed documents write them; in that one form they sort as text."""

import re
from datetime import UTC, datetime, timedelta

FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
END = "9999-12-31T23:59:59.999999Z"


def rfc3339(moment: datetime) -> str:
    """An aware time as UTC with microseconds and `Z`.

    Raises:
        ValueError: The time has no zone, so nobody knows when it is.
    """
    if moment.tzinfo is None:
        msg = "A time without a zone is no time."
        raise ValueError(msg)
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


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
    if not FORM.fullmatch(text):
        msg = f"{text[:40]!r} is no time in UTC with microseconds."
        raise ValueError(msg)
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def is_time(text: str) -> bool:
    """Whether the text is a time in the one form."""
    try:
        parse(text)
    except ValueError:
        return False
    return True
