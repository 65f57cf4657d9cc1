"""Who works on a remediation: a lease that runs out by itself, and the fence that keeps a late worker from writing."""

import logging
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Q

from agents.models import Remediation
from agents.models.remediation import WORKING
from core import clock
from core.errors import WrongStateError

log = logging.getLogger(__name__)

LONGEST_STAGE_S = 900.0
"""Every call out has a time-out, so no honest stage takes longer; after this its lease is no longer renewed."""


class LostLeaseError(WrongStateError):
    """Another worker took over, or the remediation moved on: whoever gets this stops at once and writes nothing."""

    code, title = "lease-lost", "Another worker has it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One worker's hold on one stage of a remediation.

    Attributes:
        owner: unique per claim, so that not even two tasks of one process are mistaken for each other.
        state: the stage that was claimed.
        attempt: 1 for the first claim of this stage; deaths of workers count.
    """

    remediation_id: int
    owner: str
    state: str
    attempt: int


def claim(remediation_id: int, states: Sequence[str] = WORKING) -> Lease | None:
    """Take a live remediation in one of these states that nobody holds; None if somebody does, or if it has ended."""
    now, owner = clock.now(), f"{os.getpid()}-{secrets.token_hex(12)}"
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Remediation.objects.filter(free, pk=remediation_id, state__in=states).update(
        lease_owner=owner, lease_until=now + timedelta(seconds=settings.LEASE_S), attempts=F("attempts") + 1
    )
    if not taken:
        return None
    row = Remediation.objects.filter(pk=remediation_id, lease_owner=owner).values("state", "attempts").first()
    if row is None:
        return None
    return Lease(remediation_id=remediation_id, owner=owner, state=row["state"], attempt=row["attempts"])


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread for as long as the stage works, so that a short lease outlasts a long call.

    The thread dies with its process; then the lease runs out within LEASE_S and another worker goes on.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(lease, stop), name=f"lease-{lease.remediation_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep(lease: Lease, stop: threading.Event) -> None:
    until = clock.monotonic() + LONGEST_STAGE_S
    try:
        while not stop.wait(settings.LEASE_S / 3) and clock.monotonic() < until:
            try:
                renew(lease)
            except LostLeaseError:
                return
            except DatabaseError as error:  # the next beat may get through
                log.warning("lease not renewed", extra={"remediation": lease.remediation_id, "error": str(error)})
    finally:
        connection.close()


def renew(lease: Lease) -> None:
    """Hold on for another lease; call it right before anything that must not happen twice.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    until = clock.now() + timedelta(seconds=settings.LEASE_S)
    mine = Remediation.objects.filter(pk=lease.remediation_id, lease_owner=lease.owner, state=lease.state)
    if not mine.update(lease_until=until):
        raise _lost(lease)


def locked(lease: Lease) -> Remediation:
    """The row, locked, if it is still ours. Call it first in every transaction that stores a stage's result.

    Raises:
        LostLeaseError: Another worker has it by now, or a person took it over.
    """
    remediation = Remediation.objects.select_for_update().get(pk=lease.remediation_id)
    if remediation.lease_owner != lease.owner or remediation.state != lease.state:
        raise _lost(lease)
    return remediation


def give_back(remediation: Remediation) -> None:
    """Forget the holder; the caller saves."""
    remediation.lease_owner = ""
    remediation.lease_until = None


def _lost(lease: Lease) -> LostLeaseError:
    detail = f"Remediation {lease.remediation_id} is no longer ours in {lease.state}; another worker goes on."
    return LostLeaseError(detail)
