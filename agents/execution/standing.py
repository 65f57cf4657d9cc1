"""How often a standing approval was used: counted from the intents in the log, whatever a row says (H15)."""

from datetime import datetime, timedelta

from agents.execution.held import EVERYTHING
from agents.execution.index import Index
from audit.errors import TamperedError
from audit.services.fetch import fetch
from core import clock
from core.errors import NotFoundError, RefusedError
from proof.documents import DocumentError, Standing, parse_standing

INTENDED, ROLLED_BACK = "run.intended", "remediation.rolled_back"
HOUR = timedelta(hours=1)


class UsedUpError(RefusedError):
    """The standing approval has been used as often as it may be, or has ended."""

    code, title = "standing", "The standing approval does not cover it"


def require_room(index: Index, digest: str, change: str, *, now: datetime, below: int = EVERYTHING) -> None:
    """Refuse a change that would use a standing approval once too often.

    Args:
        index: of the log.
        digest: of the standing approval.
        change: digest of the change that is to run; its own intent does not count against it.
        now: when it is to run.
        below: only intents below this place count.

    Raises:
        UsedUpError: It would; the sentence says how.
    """
    standing = _read(digest)
    others = {one.about for one in index.of_kind(f"under:{digest}", below=below)} - {change}
    times = sorted(_intended(index, other, below) for other in others)
    used = [clock.from_rfc3339(at) for at in times if at]
    if any(index.entries({ROLLED_BACK}, about=f"change:{other}", below=below) for other in others):
        detail = "A change under this standing approval was taken back, which ended it."
        raise UsedUpError(detail)
    if len(used) >= standing.max_uses:
        detail = f"The standing approval was used {len(used)} times; {standing.max_uses} are allowed."
        raise UsedUpError(detail)
    if sum(moment > now - HOUR for moment in used) >= standing.per_hour:
        detail = f"The standing approval allows {standing.per_hour} uses an hour, and they are used."
        raise UsedUpError(detail)
    if used and now < used[-1] + timedelta(seconds=standing.cool_down_s):
        detail = f"The standing approval was used at {used[-1]:%H:%M:%S} UTC and rests {standing.cool_down_s} s."
        raise UsedUpError(detail)


def _intended(index: Index, change: str, below: int) -> str:
    entries = index.entries({INTENDED}, about=f"change:{change}", below=below)
    return entries[0].at if entries else ""


def _read(digest: str) -> Standing:
    try:
        return parse_standing(fetch(digest))
    except (NotFoundError, TamperedError, DocumentError) as error:
        detail = f"The standing approval cannot be read as it was signed: {error}"
        raise UsedUpError(detail) from error
