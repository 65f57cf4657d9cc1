"""The stage EXECUTING: verify again, write the intent down, act once, record."""

from datetime import datetime, timedelta

from django.db import transaction

from agents.execution import uses
from agents.execution.clearance import Clearance, clear
from agents.execution.compensation import compensate
from agents.execution.steps import NotNowError, carry_out, check_preconditions
from agents.execution.targets import tool_for
from agents.execution.uses import Use
from agents.leases import Lease, LostLeaseError, locked
from agents.models import Remediation, Run, RunState
from agents.moves import record, record_move
from agents.services.fail import fail
from agents.services.pause import say
from agents.services.roll_back import roll_back
from connectors.base import ActuatorError, ReaderError
from core import clock
from core.actors import EXECUTOR
from core.errors import ConsoleError, RefusedError

MAX_TRIES = 3


def execute(lease: Lease) -> None:
    """Carry the approved change out. Nothing here believes a row; a check that fails ends it before anything is done.

    Raises:
        LostLeaseError: Another worker has it by now.
        ReaderError, ActuatorError: It may work later; nothing is lost by trying again.
    """
    remediation = Remediation.objects.get(pk=lease.remediation_id)
    run = Run.objects.filter(remediation=remediation, change_digest=remediation.change_digest).first()
    cleared = None
    try:
        cleared, run = _prepare(lease, remediation, run)
        carry_out(lease, run, cleared)
    except RefusedError as error:
        if isinstance(error, NotNowError) and lease.attempt < MAX_TRIES:
            raise
        _refuse(lease, run, error.detail)
        return
    except (ActuatorError, ReaderError) as error:
        definite = error.facts.get("uncertain") is False
        if cleared is None or run is None or (lease.attempt < MAX_TRIES and not definite):
            raise
        _take_back(lease, run, cleared, error)
        return
    _done(lease, run, cleared)


def resumed(remediation: Remediation, run: Run) -> Clearance:
    """The clearance of a run under way, judged by when it was intended.

    Raises:
        RefusedError: What it stands on no longer holds, or the executor knows of no such run.
    """
    begun_at = _intended_at(run)
    cleared = clear(remediation.change_digest, incident_id=remediation.incident_id, begun_at=begun_at)
    use = uses.find(cleared.change.nonce)
    if use is None:
        msg = "The executor has no record that this change was ever begun."
        raise RefusedError(msg)
    uses.require_ours(use, change=cleared.digest, run=name_of(run))
    return cleared


def name_of(run: Run) -> str:
    """What a use is bound to: this row of this remediation, and no other."""
    return f"run:{run.pk}/remediation:{run.remediation_id}"


def _intended_at(run: Run | None) -> datetime | None:
    """When our own store says that this run began; a row's time is not believed."""
    found = uses.find_run(name_of(run), run.change_digest) if run is not None else None
    return found.at if found is not None else None


def _prepare(lease: Lease, remediation: Remediation, run: Run | None) -> tuple[Clearance, Run]:
    say(lease, "verifies the signatures over the change")
    begun_at = _intended_at(run)
    cleared = clear(remediation.change_digest, incident_id=remediation.incident_id, begun_at=begun_at)
    use = uses.find(cleared.change.nonce)
    if use is not None:
        if run is None:
            raise RefusedError(uses.already_used(use))
        uses.require_ours(use, change=cleared.digest, run=name_of(run))
        return cleared, run
    if run is None:
        _check_targets(cleared)
        run = _intend(lease, cleared)
    elif run.state != RunState.RUNNING:
        msg = "The run of this change has ended already."
        raise RefusedError(msg)
    uses.reserve(
        Use(
            nonce=cleared.change.nonce,
            change=cleared.digest,
            run=name_of(run),
            at=clock.now(),
            targets=tuple(step.target for step in cleared.change.steps),
            auto=cleared.auto,
        ),
        cleared.allowance,
    )
    return cleared, run


def _check_targets(cleared: Clearance) -> None:
    """Probe everything right before the intent is written, so that drift refuses the run as a whole."""
    for step in cleared.change.steps:
        params = {one.name: one.value for one in step.params}
        if tool_for(step.adapter, step.target).look(step.idempotency_key, params) is None:
            check_preconditions(cleared, step)


@transaction.atomic
def _intend(lease: Lease, cleared: Clearance) -> Run:
    """The record before the act."""
    remediation = locked(lease)
    run = Run.objects.create(remediation=remediation, change_digest=cleared.digest, started_at=clock.now())
    facts = {"run": run.pk, "intent": cleared.change.intent, "nonce": cleared.change.nonce, "by": cleared.sentence}
    record(
        remediation,
        actor=EXECUTOR,
        verb="run.intended",
        facts=facts,
        documents=dict(cleared.documents),
        about=[f"run:{run.pk}", f"change:{cleared.digest}"],
    )
    return run


@transaction.atomic
def _done(lease: Lease, run: Run, cleared: Clearance) -> None:
    remediation = locked(lease)
    run.state, run.ended_at = RunState.SUCCEEDED, clock.now()
    run.save(update_fields=["state", "ended_at"])
    remediation.validate()
    wanted = cleared.change.verification
    record_move(
        remediation,
        actor=EXECUTOR,
        verb="remediation.validating",
        due_at=clock.now() + timedelta(seconds=min(1, wanted.every_s)),
        facts={"run": run.pk, "watches": wanted.sentence},
        doing=f"Watches: {wanted.sentence}",
    )


@transaction.atomic
def _refuse(lease: Lease, run: Run | None, why: str) -> None:
    remediation = locked(lease)
    if run is None and not Run.objects.filter(change_digest=remediation.change_digest).exists():
        run = Run(remediation=remediation, change_digest=remediation.change_digest, started_at=clock.now())
    if run is not None:
        run.state, run.refusal, run.ended_at = RunState.FAILED, why[:500], clock.now()
        run.save()
    record(remediation, actor=EXECUTOR, verb="run.refused", facts={"why": why, "digest": remediation.change_digest})
    fail(remediation.pk, actor=EXECUTOR, reason="could-not-act", note=f"The executor refused. {why}")


def _take_back(lease: Lease, run: Run, cleared: Clearance, error: ConsoleError) -> None:
    """A step failed for good: take back what was done before it."""
    try:
        sentences = compensate(lease, run, cleared)
    except LostLeaseError:
        raise
    except ConsoleError as worse:
        _end(
            lease,
            run,
            cleared,
            reason="compensation-failed",
            note=f"{error.detail} Taking it back failed: {worse.detail}",
        )
        return
    if sentences:
        _end(lease, run, cleared, reason="", note=f"{error.detail} {' '.join(sentences)}")
    else:
        _end(lease, run, cleared, reason="could-not-act", note=f"Nothing was changed. {error.detail}")


def _end(lease: Lease, run: Run, cleared: Clearance, *, reason: str, note: str) -> None:
    with transaction.atomic():
        remediation = locked(lease)
        run.state, run.ended_at = RunState.FAILED if reason else RunState.COMPENSATED, clock.now()
        run.save(update_fields=["state", "ended_at"])
        if reason:
            fail(remediation.pk, actor=EXECUTOR, reason=reason, note=note)
        else:
            roll_back(remediation.pk, actor=EXECUTOR, note=note)
    uses.spend(cleared.change.nonce)
