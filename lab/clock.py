"""The lab's clock. The lab imports nothing of the product, so it has its own."""

import time
from datetime import UTC, datetime


def timestamp() -> float:
    """Seconds since the epoch, UTC."""
    return time.time()  # noqa: TID251 -- the lab is a world of its own and may not ask core.clock


def monotonic() -> float:
    """Seconds from an arbitrary origin that never go back."""
    return time.monotonic()


def rfc3339(moment: float) -> str:
    """A time as logs and webhooks write it: UTC, milliseconds, `Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time.

    Raises:
        ValueError: The text is not of that form, or names no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = "a time needs a zone"
        raise ValueError(message)
    return moment.timestamp()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
