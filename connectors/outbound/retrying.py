"""What follows from an attempt: done, again at a certain time, or stop and let a person look. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
LONGEST_ASKED = timedelta(hours=24)
MOST_ATTEMPTS = 16
"""With the waits between them about ten hours; then the webhook is paused, and what it has not got waits."""
SPREAD = 0.2
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one attempt.

    Attributes:
        status: of the HTTP answer; 0 where there was none.
        trouble: why there was none, as a sentence.
        retry_after: the header of that name, as it came.
    """

    status: int = 0
    trouble: str = ""
    retry_after: str = ""
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do next: nothing more where `is_done`; else again `at`, or never by itself where `at` is None."""

    is_done: bool = False
    at: datetime | None = None
    why: str = ""


def verdict(answer: Answer, *, attempts: int, now: datetime, chance: float) -> Verdict:
    """Judge the attempt that was made last.

    Args:
        answer: what came back.
        attempts: how many were made for this event, this one included.
        now: the time.
        chance: between 0 and 1; spreads those who failed together.
    """
    if 200 <= answer.status < 300:
        return Verdict(is_done=True)
    why = _said(answer)
    if answer.status == GONE:
        return Verdict(why=why)
    if attempts >= MOST_ATTEMPTS:
        return Verdict(why=f"Given up after {attempts} attempts. {why}")
    wait = min(SHORTEST * 3 ** min(attempts - 1, 10), LONGEST) * (1 + SPREAD * (2 * chance - 1))
    asked = asked_to_wait(answer.retry_after, now)
    return Verdict(at=now + max(wait, min(asked, LONGEST_ASKED)), why=why)


def asked_to_wait(header: str, now: datetime) -> timedelta:
    """How long `Retry-After` asks for, in seconds or by a date; nothing where it says nothing that can be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_ASKED.total_seconds())))
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return timedelta()
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta())


SAID: Mapping[int, str] = {
    GONE: "It answered 410: it wants no more. Resume it when it does.",
    413: "It answered 413: the event is too large for it.",
}


def _said(answer: Answer) -> str:
    if not answer.status:
        return answer.trouble
    if 300 <= answer.status < 400:
        return f"It answered {answer.status} and named another address. Redirects are not followed; give that address."
    return SAID.get(answer.status, f"It answered {answer.status}.")
