"""How much of the ledger anybody may fill: a few entries each, and one roll-up for the rest."""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, transaction

from audit.models import Quota
from core import clock

log = logging.getLogger(__name__)

FLUSH_S = 1.0
MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many entries of one kind about one person or source in so much time."""

    limit: int
    window: timedelta


REFUSED_DECISIONS = Allowance(limit=20, window=timedelta(hours=1))
ROLL_UP = timedelta(minutes=1)


@transaction.atomic
def spend(verb: str, who: str, allowance: Allowance) -> bool:
    """Count one more; whether it may have an entry of its own. What may not is told by the next roll-up."""
    row = _held(verb, who)
    if clock.now() - row.since >= allowance.window and not row.held_back:
        row.since, row.counted = clock.now(), 0
    row.counted += 1
    allowed = row.counted <= allowance.limit
    row.held_back += not allowed
    row.save()
    return allowed


class Meter:
    """Counts in memory what comes too fast for a row each, such as failures of strangers; a write a second at most.

    What was counted in the last second before a process ends is lost; it is a number of failures and nothing else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._flushed = 0.0

    def count(self, verb: str, who: str) -> None:
        """Count one more."""
        with self._lock:
            if (verb, who) in self._counts or len(self._counts) < MOST_NAMES:
                self._counts[verb, who] += 1
            due = time.monotonic() - self._flushed >= FLUSH_S
            if due:
                self._flushed = time.monotonic()
        if due:
            self.flush()

    def flush(self) -> None:
        """Write down what was counted so far."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            for (verb, who), number in counts.items():
                _hold_back(verb, who, number)
        except DatabaseError as error:  # the refusal itself must not fail because it could not be counted
            log.warning("refusals not counted", extra={"error": str(error), "lost": counts.total()})


@transaction.atomic
def _hold_back(verb: str, who: str, number: int) -> None:
    row = _held(verb, who)
    row.counted += number
    row.held_back += number
    row.save()


def _held(verb: str, who: str) -> Quota:
    name = f"{verb} {who}"
    Quota.objects.get_or_create(pk=name, defaults={"since": clock.now()})
    return Quota.objects.select_for_update().get(pk=name)


strangers = Meter()
"""For failures of those whom we do not know: one roll-up a minute, and no entry of their own."""
