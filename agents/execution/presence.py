"""One executor at a time: a lease with a fencing number among executors, and a lock on the state folder of each."""

import fcntl
import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from agents.execution import bell, state
from agents.execution.waiting import NotYetError
from agents.leases import LostLeaseError
from agents.models import Executor
from core import clock
from core.errors import WrongStateError

log = logging.getLogger(__name__)


class TakenError(WrongStateError):
    """Another executor acts for this audience; there must be one alone."""

    code, title = "executor-taken", "Another executor acts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """This process's turn to act."""

    audience: str
    holder: str
    fencing: int


class _Here:
    """What this process holds. Without a hold (a test, a command) nobody is asked."""

    hold: Hold | None = None
    leaving = threading.Event()


@contextmanager
def folder_locked() -> Iterator[None]:
    """Be the only executor on this state folder, for as long as the process lives.

    Raises:
        TakenError: Another one has it.
    """
    with (state.state_dir() / "executor.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            detail = f"Another executor works in {state.state_dir()}. One folder is for one executor."
            raise TakenError(detail) from error
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def account() -> str:
    """User id and host of this process."""
    return f"{os.getuid()}@{socket.gethostname()}"


@transaction.atomic
def take() -> Hold:
    """Take or keep the lease; a folder that held it last gets it back at once, another waits until it ran out.

    Raises:
        TakenError: Another executor holds it.
    """
    audience, holder, now = settings.AUDIENCE, _identity(), clock.now()
    Executor.objects.get_or_create(pk=audience)
    row = Executor.objects.select_for_update().get(pk=audience)
    if row.holder not in {"", holder} and row.until is not None and row.until > now:
        detail = (
            f"Another executor ({row.account}) acts for {audience} until {row.until:%H:%M:%S} UTC, so this one does "
            "nothing. Let one machine alone execute."
        )
        raise TakenError(detail)
    if row.holder != holder or _Here.hold is None:
        row.fencing += 1
    row.holder, row.account = holder, account()
    row.until, row.seen_at = now + timedelta(seconds=settings.LEASE_S), now
    row.save(update_fields=["holder", "fencing", "account", "until", "seen_at"])
    _Here.hold = Hold(audience=audience, holder=holder, fencing=row.fencing)
    return _Here.hold


def give_back() -> None:
    """Let another executor begin at once."""
    hold, _Here.hold = _Here.hold, None
    if hold is not None:
        Executor.objects.filter(pk=hold.audience, holder=hold.holder, fencing=hold.fencing).update(until=clock.now())


def require_held() -> None:
    """Right before acting: is it still our turn?

    Raises:
        LostLeaseError: Another executor took over.
    """
    hold = _Here.hold
    if hold is None:
        return
    mine = Executor.objects.filter(pk=hold.audience, holder=hold.holder, fencing=hold.fencing)
    if not mine.exists():
        detail = f"Another executor took {hold.audience} over; this one stops."
        raise LostLeaseError(detail)


def report(*, size: int, trouble: str) -> None:
    """Show how far the log was verified, and why everything is refused, if so."""
    hold = _Here.hold
    if hold is not None:
        Executor.objects.filter(pk=hold.audience, holder=hold.holder).update(size=size, trouble=trouble[:500])


def ask_to_leave() -> None:
    """Finish the step and stop."""
    _Here.leaving.set()
    bell.ring_now()


def stay() -> None:
    """Forget that it was asked to leave; for a process that starts an executor anew."""
    _Here.leaving.clear()


def leaving() -> bool:
    """Whether it was asked to leave."""
    return _Here.leaving.is_set()


def leave_if_asked() -> None:
    """Between steps: give the run back if this process is to end.

    Raises:
        NotYetError: It is; another executor, or this one started again, goes on.
    """
    if leaving():
        detail = "The executor ends here; it goes on when one runs again."
        raise NotYetError(detail)


def _identity() -> str:
    """The random id of this state folder."""
    with state.turn("executor-id"):
        known = state.read("executor.json")
        if known is None:
            known = {"id": secrets.token_hex(16)}
            state.write("executor.json", known)
        return str(known.get("id", ""))
