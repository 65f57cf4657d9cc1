"""The intent protocol: say in the log what is about to run, wait for its place, let the log below it decide."""

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from agents.execution import high_water, records, uses
from agents.execution.clearance import Clearance, Place, targets_of
from agents.execution.follower import follow
from agents.execution.index import Noted, opened
from agents.execution.uses import Use
from agents.execution.waiting import NotYetError
from agents.leases import Lease, locked
from agents.models import Run
from agents.moves import record
from audit.models import Entry
from core import clock
from core.actors import EXECUTOR
from core.errors import RefusedError

VERB = "run.intended"
PATIENCE_S = 2.0
"""How long one waits for the log in one go; then the run is given back for a moment and taken up again."""
POLL_S = 0.02
LIMIT = timedelta(seconds=60)
"""A log that does not take the intent within this is not fresh, and nothing runs on it."""


def write(lease: Lease, cleared: Clearance, run: Run | None) -> Use:
    """Write the intent into the log and the use into the executor's own store; the act comes later.

    Raises:
        RefusedError: The nonce was used, or policy has acted alone often enough.
        LostLeaseError: Another worker has it by now.
    """
    run, intent = _append(lease, cleared, run)
    return adopt(cleared, run, intent)


def adopt(cleared: Clearance, run: Run, intent: str) -> Use:
    """Bind a use to an intent that is in the log, or on its way there.

    Raises:
        RefusedError: The nonce was used, or policy has acted alone often enough.
    """
    use = Use(
        nonce=cleared.change.nonce,
        change=cleared.digest,
        run=name_of(run),
        at=clock.now(),
        targets=tuple(targets_of(cleared.change)),
        auto=cleared.auto,
        intent=intent,
    )
    return uses.reserve(use, cleared.allowance)


def name_of(run: Run) -> str:
    """What a use is bound to: this row of this remediation, and no other."""
    return f"run:{run.pk}/remediation:{run.remediation_id}"


def placed(use: Use) -> Place:
    """The place of an intent in the log; waited for a little where it has none yet.

    Raises:
        NotYetError: The log has not taken it yet.
        RefusedError: It did not in time, or another intent for the same change stands before it.
    """
    seq = use.seq
    if seq < 0:
        seq = _awaited(use)
        uses.place(use.nonce, seq)
    return Place(seq=seq, at=use.at)


def require_first(change: str, *, but: str = "") -> None:
    """Refuse a change that the log knows another intent for, whichever executor wrote it.

    Raises:
        RefusedError: It does.
    """
    with opened() as index:
        others = [one for one in index.entries({VERB}, about=f"change:{change}") if _intent(one) != but]
        mine = [one for one in index.entries({VERB}, about=f"change:{change}") if _intent(one) == but]
    if others and (not mine or others[0].seq < mine[0].seq):
        detail = f"This change was used already: record {others[0].seq} of the log is an intent for it."
        raise RefusedError(detail)


def found_for(run: Run) -> str:
    """The digest of the intent that the log holds for a run, after a crash between the two stores; empty if none."""
    with opened() as index:
        entries = index.entries({VERB}, about=f"change:{run.change_digest}")
    return next((_intent(one) for one in entries if f"run:{run.pk}" in one.about), "")


def is_on_its_way(subject: str, *, size: int, verb: str = "") -> bool:
    """Whether something about a subject waits, since a short while, for a place in a log that was larger than `size`.

    Rows say so, and all that they can do is to make one wait.
    """
    uncovered = Q(leaf__isnull=True) | Q(leaf__seq__gte=size)
    waiting = Entry.objects.filter(uncovered, mentions__subject=subject, at__gt=clock.now() - LIMIT)
    return (waiting.filter(verb=verb) if verb else waiting).exists()


def _awaited(use: Use) -> int:
    until = clock.monotonic() + PATIENCE_S
    while True:
        follow()
        seq = _place_of(use)
        if seq is not None:
            require_first(use.change, but=use.intent)
            return seq
        if clock.now() - use.at > LIMIT:
            seconds = LIMIT.total_seconds()
            detail = f"The log did not take the executor's intent within {seconds:.0f} s, so nothing runs on it."
            raise RefusedError(detail)
        if clock.monotonic() >= until:
            detail = "The log has not taken the executor's intent yet."
            raise NotYetError(detail)
        time.sleep(POLL_S)


def _place_of(use: Use) -> int | None:
    with opened() as index:
        entries = index.entries({VERB}, about=f"change:{use.change}")
    return next((one.seq for one in entries if _intent(one) == use.intent), None)


def _intent(entry: Noted) -> str:
    return dict(entry.documents).get("intent", "")


@transaction.atomic
def _append(lease: Lease, cleared: Clearance, run: Run | None) -> tuple[Run, str]:
    remediation = locked(lease)
    if run is None:
        run = Run.objects.create(remediation=remediation, change_digest=cleared.digest, started_at=clock.now())
    mark = high_water.high_water()
    nonce = cleared.change.nonce
    intent = records.sign_intent(f"run:{run.pk}", change=cleared.digest, nonce=nonce, size=mark.size, root=mark.root)
    facts = {
        "run": run.pk,
        "intent": cleared.change.intent,
        "nonce": nonce,
        "by": cleared.sentence,
        "evaluated_size": mark.size,
    }
    record(
        remediation,
        actor=EXECUTOR,
        verb=VERB,
        facts=facts,
        documents={**cleared.documents, "intent": intent},
        about=[f"run:{run.pk}", f"change:{cleared.digest}"],
    )
    return run, intent
