"""What time it is for the executor: never earlier than what it wrote down, or than what witnesses and the log say.

A clock that is found to be wrong by more than two minutes stops everything that is HIGH or above (H19).
"""

from datetime import UTC, datetime, timedelta

from agents.execution import state
from agents.execution.index import Index
from core import clock
from core.errors import RefusedError
from proof.checkpoint import Opened
from proof.documents import rank

NAME = "clock.json"
SKEW = timedelta(seconds=120)
STRICT_FROM = "HIGH"
SAVE_EVERY = timedelta(seconds=10)


class ClockError(RefusedError):
    """The clock here and the times in the log contradict each other."""

    code, title = "clock", "The clock is wrong"


def saved() -> datetime | None:
    """The latest time that the executor wrote down; None before the first."""
    return _stored("saved")


def save() -> None:
    """Write the time down, unless that was done a moment ago."""
    known, now = saved(), clock.now()
    if known is None or now - known >= SAVE_EVERY:
        _store("saved", now)


def saw_witnesses(found: Opened) -> None:
    """Remember the latest time that a witness put under a head."""
    signed = zip(found.note.signers, found.note.times, strict=False)
    latest = max((stamp for key, stamp in signed if key.name != found.head.origin), default=0)
    known = _stored("witnessed")
    if latest and (known is None or latest > known.timestamp()):
        _store("witnessed", datetime.fromtimestamp(latest, UTC))


def known_to_be_past(index: Index) -> datetime | None:
    """The latest moment that must be over by now: saved here, signed by a witness, or written in the log."""
    logged = index.latest_at()
    moments = [saved(), _stored("witnessed"), clock.from_rfc3339(logged) if logged else None]
    return max((moment for moment in moments if moment is not None), default=None)


def now(index: Index) -> datetime:
    """The time to judge by: this machine's, but never before what is known to be past."""
    past, here = known_to_be_past(index), clock.now()
    return max(here, past) if past is not None else here


def require_sane(index: Index, tier: str) -> None:
    """Refuse HIGH and above on a clock that runs behind what is known to be past.

    Raises:
        ClockError: It does, by more than two minutes.
    """
    past = known_to_be_past(index)
    if past is None or rank(tier) < rank(STRICT_FROM):
        return
    behind = past - clock.now()
    if behind > SKEW:
        detail = (
            f"This computer's clock is {behind.total_seconds():.0f} s behind what the log, a witness or the executor "
            f"itself wrote down, so nothing that is {STRICT_FROM} or above runs. Set the clock."
        )
        raise ClockError(detail, behind_s=int(behind.total_seconds()))


def covered_at(index: Index, seq: int, said: str) -> datetime:
    """When an entry was in the log, as far as the executor can tell by itself.

    It was there when the executor first saw it, and was not when it had looked before; between the two, the log's own
    word is taken.
    """
    looks = index.covered(seq)
    moment = clock.from_rfc3339(said)
    if looks is None:
        return moment
    seen, before = looks
    if before:
        moment = max(moment, clock.from_rfc3339(before))
    return min(moment, clock.from_rfc3339(seen))


def _stored(name: str) -> datetime | None:
    found = state.read(NAME)
    text = str((found or {}).get(name, ""))
    try:
        return clock.from_rfc3339(text) if text else None
    except ValueError as error:
        raise state.unreadable(NAME) from error


def _store(name: str, moment: datetime) -> None:
    with state.turn("clock"):
        state.write(NAME, {**(state.read(NAME) or {}), name: clock.rfc3339(moment)})
