"""How the ledger is doing: how far it was examined, how far the tree is behind, and what should alarm somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min

from audit import signer
from audit.models import Checkpoint, Entry, Leaf, LogState, Pending, Verification
from core import clock

LAG_LIMIT = timedelta(seconds=30)
EXAMINED_LIMIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What the examination that never ends can say.

    Attributes:
        size: records 0 up to, not including, this one were examined against the signed heads.
        at: when none was left over; None while the first examination still runs.
        problem: the first difference found, as a sentence; empty when there is none.
        problem_at: when it was found.
        passes: how often all records were examined again since.
    """

    size: int = 0
    at: datetime | None = None
    problem: str = ""
    problem_at: datetime | None = None
    passes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the signed tree is behind what was written.

    Attributes:
        waiting: entries that have no place yet.
        unsealed: records that have a place, but are under no signed head yet.
        seconds: the age of the oldest of both; 0 when there are none.
    """

    waiting: int
    unsealed: int
    seconds: float

    @property
    def sentence(self) -> str:
        """For people; empty while nothing is late."""
        if self.seconds < LAG_LIMIT.total_seconds():
            return ""
        how_many = self.waiting + self.unsealed
        return f"The ledger is {self.seconds:.0f} s behind: {how_many} entries are under no signed head yet."


def verified() -> Verified:
    """How far the ledger was examined, and what was found."""
    row = Verification.objects.filter(pk=1).first()
    if row is None:
        return Verified()
    return Verified(size=row.size, at=row.at, problem=row.problem, problem_at=row.problem_at, passes=row.passes)


def lag() -> Lag:
    """How far the signed tree is behind; what waits for a fresh proof of inclusion asks this first."""
    size = LogState.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    sealed = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    oldest = Pending.objects.aggregate(at=Min("entry__at"))["at"]
    if sealed < size:
        first = Entry.objects.filter(leaf__seq=sealed).values_list("at", flat=True).first()
        oldest = min((at for at in (oldest, first) if at), default=None)
    seconds = (clock.now() - oldest).total_seconds() if oldest else 0.0
    return Lag(waiting=Pending.objects.count(), unsealed=max(0, size - sealed), seconds=max(0.0, seconds))


def alarms() -> list[str]:
    """What somebody should look at now, one sentence each; empty when all is well."""
    found = [signer.stopped(), lag().sentence]
    state = verified()
    if state.problem:
        found.append(f"The ledger is not what was signed: {state.problem} Run ./manage.py audit fsck.")
    elif Leaf.objects.exists() and (state.at is None or clock.now() - state.at > EXAMINED_LIMIT):
        told = f"since {clock.rfc3339(state.at)}" if state.at else "yet"
        found.append(f"New records have not been examined {told}. Is a worker of the queue background running?")
    return [sentence for sentence in found if sentence]
