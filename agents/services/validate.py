"""The stage VALIDATING: watch the symptom; better ends it well, not better takes the change back."""

from django.db import transaction

from agents.evidence import decimal
from agents.execution import uses
from agents.execution.compensation import compensate
from agents.leases import Lease, LostLeaseError, locked
from agents.models import Reading, Remediation, Run
from agents.moves import record
from agents.services.complete import complete
from agents.services.end_run import end_run
from agents.services.execute import resumed
from agents.services.pause import pause
from agents.symptom import healthy_for, is_healthy, read
from audit import ledger
from connectors.base import ActuatorError, ReaderError
from core import clock
from core.actors import MONITOR
from core.errors import RefusedError
from proof.documents import Change, Verification, parse_change
from proof.documents.run import FAILED, TAKEN_BACK

UNDO_TRIES = 3


def validate(lease: Lease) -> None:
    """Look once at the symptom and decide: complete, take back, or look again later.

    Raises:
        LostLeaseError: Another worker has it by now.
        ReaderError, ActuatorError: A compensation may work later.
    """
    remediation = Remediation.objects.get(pk=lease.remediation_id)
    change = parse_change(ledger.fetch(remediation.change_digest))
    wanted = change.verification
    value = read(change.environment, wanted)
    healthy = value is not None and is_healthy(value, wanted)
    if _looked(lease, wanted, value, healthy=healthy):
        uses.spend(change.nonce)
        return
    if not _is_over(remediation, wanted, healthy=healthy):
        pause(lease, for_s=wanted.every_s, doing=_doing(wanted, value, healthy=healthy))
        return
    _take_back(lease, remediation, change, value)


def _looked(lease: Lease, wanted: Verification, value: float | None, *, healthy: bool) -> bool:
    """Store the reading; complete if it has been healthy for long enough."""
    with transaction.atomic():
        remediation = locked(lease)
        Reading.objects.create(remediation=remediation, at=clock.now(), value=value, healthy=healthy)
        held = healthy_for(remediation, since=clock.from_rfc3339(remediation.stages["VALIDATING"]))
        if held is None or held < wanted.hold_s:
            return False
        _told(remediation, value, healthy=True)
        note = f"It helped: {wanted.sentence} That has held for {held:.0f} s."
        complete(remediation.pk, actor=MONITOR, note=note)
        return True


def _is_over(remediation: Remediation, wanted: Verification, *, healthy: bool) -> bool:
    since = clock.from_rfc3339(remediation.stages["VALIDATING"])
    waited = (clock.now() - since).total_seconds()
    # What is healthy at the last moment may still prove that it lasts.
    return waited >= wanted.timeout_s + (wanted.hold_s if healthy else 0)


def _doing(wanted: Verification, value: float | None, *, healthy: bool) -> str:
    if value is None:
        return f"Watches: {wanted.sentence} The source did not answer."
    state = "healthy so far" if healthy else "not yet"
    return f"Watches: {wanted.sentence} Now {value:.4g}, {state}."


def _take_back(lease: Lease, remediation: Remediation, change: Change, value: float | None) -> None:
    run = Run.objects.get(remediation=remediation, change_digest=remediation.change_digest)
    shown = "the source did not answer" if value is None else f"the last reading is {value:.4g}"
    why = f"It did not help: {change.verification.sentence} That did not come true in time; {shown}."
    try:
        sentences = compensate(lease, run, resumed(remediation, run))
    except LostLeaseError:
        raise
    except RefusedError as error:
        _end(lease, run, value, reason="compensation-failed", note=f"{why} Taking it back was refused: {error.detail}")
    except (ActuatorError, ReaderError) as error:
        if lease.attempt < UNDO_TRIES and error.facts.get("uncertain") is not False:
            raise
        _end(lease, run, value, reason="compensation-failed", note=f"{why} Taking it back failed: {error.detail}")
    else:
        _end(lease, run, value, reason="", note=f"{why} {' '.join(sentences)}")
    uses.spend(change.nonce)


@transaction.atomic
def _end(lease: Lease, run: Run, value: float | None, *, reason: str, note: str) -> None:
    _told(locked(lease), value, healthy=False)
    end_run(lease, run, FAILED if reason else TAKEN_BACK, actor=MONITOR, reason=reason, note=note)


def _told(remediation: Remediation, value: float | None, *, healthy: bool) -> None:
    facts = {
        "healthy": healthy,
        "last": decimal(value) if value is not None else "",
        "readings": remediation.readings.count(),
    }
    record(remediation, actor=MONITOR, verb="verification.read", facts=facts)
