"""How often one person may approve in an hour: counted from the ledger, asked by the server, never by the quorum."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import bundles
from audit.models import Entry
from audit.selectors import facts_of
from core import clock
from core.errors import RefusedError

HOUR = timedelta(hours=1)
UNLIMITED_TIER = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A person's approvals of the last hour.

    Attributes:
        limit: how many the policy allows; 0 for any number.
        used, left: `left` is 0 where there is no limit, too.
        resets_at: when the oldest of them no longer counts; None where none is used.
    """

    limit: int
    used: int
    left: int
    resets_at: datetime | None
    sentence: str


def budget(person_id: str) -> Budget:
    """What a person has spent and has left."""
    limit, times = bundles.in_force().policy.budget, _approvals(person_id)
    resets_at = times[max(0, len(times) - limit)] + HOUR if times and limit else None
    left = max(0, limit - len(times))
    return Budget(limit=limit, used=len(times), left=left, resets_at=resets_at, sentence=_sentence(limit, len(times)))


def require_within_budget(person_id: str, tier: str) -> None:
    """Refuse an approval above the budget; what is CRITICAL, and any no, is never held up by it.

    Raises:
        RefusedError: The person has approved often enough for this hour.
    """
    spent = budget(person_id)
    if tier == UNLIMITED_TIER or not spent.limit or spent.left:
        return
    again = f" You may approve again at {spent.resets_at:%H:%M} UTC." if spent.resets_at else ""
    detail = (
        f"You approved {spent.used} changes in the last hour, and the policy lets one person approve {spent.limit}: "
        f"nobody reads that many.{again} You may still reject it, or let somebody else decide."
    )
    raise RefusedError(detail, limit=spent.limit, used=spent.used)


def _approvals(person_id: str) -> list[datetime]:
    since = clock.now() - HOUR
    entries = Entry.objects.filter(actor=f"person:{person_id}", verb="decision.recorded", at__gt=since).order_by("at")
    return [entry.at for entry in entries if facts_of(entry).get("verdict") == "approve"]


def _sentence(limit: int, used: int) -> str:
    if not limit:
        return f"{used} approved in the last hour."
    return f"{used} of {limit} approvals of this hour used."
