"""From when on a ticket system may be asked again, as its refusal says."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.http import Reply
from core import clock

LONGEST_WAIT: Final = timedelta(hours=24)


def again_at(reply: Reply) -> datetime | None:
    """What `Retry-After` says, else when the limit is over; None where neither does.

    `X-RateLimit-Reset` is a time in seconds in ServiceNow, and one of ISO 8601 in Jira.
    """
    said = {name.lower(): value.strip() for name, value in reply.headers.items()}
    now, after, reset = clock.now(), said.get("retry-after", ""), said.get("x-ratelimit-reset", "")
    try:
        if after:
            at = now + timedelta(seconds=float(after)) if after.isdigit() else parsedate_to_datetime(after)
        elif reply.status == 429 and reset:
            at = datetime.fromtimestamp(int(reset), UTC) if reset.isdigit() else datetime.fromisoformat(reset)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at, now), now + LONGEST_WAIT)
