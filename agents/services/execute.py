"""The stage EXECUTING: verify, write the intent into the log, let the log below it decide, act once, sign the end."""

from datetime import timedelta

from django.db import transaction

from agents.execution import intents, uses
from agents.execution.clearance import Clearance, clear
from agents.execution.compensation import compensate
from agents.execution.follower import LogError, follow
from agents.execution.heed import StoppedError
from agents.execution.high_water import high_water
from agents.execution.intents import name_of
from agents.execution.state import StateError
from agents.execution.steps import NotNowError, carry_out, check_preconditions
from agents.execution.targets import tool_for
from agents.execution.uses import AllowanceError, Use
from agents.execution.waiting import NotYetError
from agents.leases import Lease, LostLeaseError, locked
from agents.models import Remediation, Run, RunState
from agents.moves import record_move
from agents.services.end_run import end_run, refuse_run, tell_result
from agents.services.pause import pause, say
from agents.services.raise_alarm import raise_alarm
from connectors.base import ActuatorError, ReaderError
from core import clock
from core.actors import EXECUTOR
from core.errors import ConsoleError, RefusedError
from proof.documents.run import DONE, FAILED, STOPPED, TAKEN_BACK

MAX_TRIES = 3
LOOK_AGAIN_S = 0.2


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
    except StoppedError as error:
        _take_back(lease, run, cleared, error)
    except RefusedError as error:
        _not_run(lease, run, error)
    except (ActuatorError, ReaderError) as error:
        definite = error.facts.get("uncertain") is False
        if cleared is None or run is None or (lease.attempt < MAX_TRIES and not definite):
            raise
        _take_back(lease, run, cleared, error)
    else:
        _done(lease, run, cleared)


def resumed(remediation: Remediation, run: Run) -> Clearance:
    """The clearance of a run under way, judged by the log below its intent and by when that was written.

    Raises:
        RefusedError: What it stands on does not hold, or the executor knows of no such run.
    """
    use = uses.find_run(name_of(run), run.change_digest)
    if use is None or use.seq < 0:
        msg = "The executor has no record that this change was ever begun."
        raise RefusedError(msg)
    place = intents.placed(use)
    cleared = clear(remediation.change_digest, incident_id=remediation.incident_id, intent=place)
    uses.require_ours(use, change=cleared.digest, run=name_of(run))
    return cleared


def _not_run(lease: Lease, run: Run | None, error: RefusedError) -> None:
    """Wait where it is only too early, try again where the target may change, refuse for good otherwise."""
    if isinstance(error, NotYetError):
        pause(lease, for_s=LOOK_AGAIN_S, doing=error.detail)
        return
    if isinstance(error, NotNowError) and lease.attempt < MAX_TRIES:
        raise error
    if isinstance(error, AllowanceError):
        raise_alarm("allowance", error.detail)
    refuse_run(lease, run, error.detail)


def _prepare(lease: Lease, remediation: Remediation, run: Run | None) -> tuple[Clearance, Run]:
    """Until the intent has its place in the log, and the log below it allows the run."""
    say(lease, "verifies the signatures over the change")
    use = uses.find_run(name_of(run), run.change_digest) if run is not None else None
    if use is None:
        use = _intend(lease, remediation, run)
    run = Run.objects.get(remediation=remediation, change_digest=remediation.change_digest)
    uses.require_ours(use, change=remediation.change_digest, run=name_of(run))
    say(lease, "waits for its intent to be in the log")
    place = intents.placed(use)
    cleared = clear(remediation.change_digest, incident_id=remediation.incident_id, intent=place)
    return cleared, run


def _intend(lease: Lease, remediation: Remediation, run: Run | None) -> Use:
    """Judge a first time, so that what may not run leaves no intent behind; then say in the log that it will."""
    if run is not None and run.state != RunState.RUNNING:
        msg = "The run of this change has ended already."
        raise RefusedError(msg)
    if run is not None and intents.is_on_its_way(f"run:{run.pk}", size=follow(), verb=intents.VERB):
        msg = "The log has not taken the executor's intent yet."
        raise NotYetError(msg)
    cleared = _first_clearance(remediation)
    use = uses.find(cleared.change.nonce)
    if use is not None:
        raise RefusedError(uses.already_used(use))
    intent = intents.found_for(run) if run is not None else ""
    intents.require_first(cleared.digest, but=intent)
    if run is not None and intent:
        return intents.adopt(cleared, run, intent)
    _check_targets(cleared)
    return intents.write(lease, cleared, run)


def _first_clearance(remediation: Remediation) -> Clearance:
    """The judgement before the intent; what the log is just about to take is waited for."""
    size = high_water().size
    try:
        return clear(remediation.change_digest, incident_id=remediation.incident_id)
    except (LogError, StateError):
        raise
    except RefusedError as error:
        if intents.is_on_its_way(f"change:{remediation.change_digest}", size=size):
            msg = "The log has not taken all that was said about the change yet."
            raise NotYetError(msg) from error
        raise


def _check_targets(cleared: Clearance) -> None:
    """Probe everything right before the intent is written, so that drift refuses the run as a whole."""
    for step in cleared.change.steps:
        params = {one.name: one.value for one in step.params}
        if tool_for(step.adapter, step.target, cleared.warrant).look(step.idempotency_key, params) is None:
            check_preconditions(cleared, step)


@transaction.atomic
def _done(lease: Lease, run: Run, cleared: Clearance) -> None:
    remediation, now = locked(lease), clock.now()
    run.state, run.ended_at = RunState.SUCCEEDED, now
    run.save(update_fields=["state", "ended_at"])
    tell_result(remediation, run, DONE, actor=EXECUTOR, watching_since=now)
    remediation.validate()
    wanted = cleared.change.verification
    record_move(
        remediation,
        actor=EXECUTOR,
        verb="remediation.validating",
        due_at=now + timedelta(seconds=min(1, wanted.every_s)),
        facts={"run": run.pk, "watches": wanted.sentence},
        doing=f"Watches: {wanted.sentence}",
    )


def _take_back(lease: Lease, run: Run | None, cleared: Clearance | None, error: ConsoleError) -> None:
    """A step failed for good, or somebody said stop: take back what was done before it."""
    if run is None or cleared is None:
        run = Run.objects.get(remediation_id=lease.remediation_id, state=RunState.RUNNING)
        cleared = resumed(run.remediation, run)
    try:
        sentences = compensate(lease, run, cleared)
    except LostLeaseError:
        raise
    except ConsoleError as worse:
        note = f"{error.detail} Taking it back failed: {worse.detail}"
        end_run(lease, run, FAILED, actor=EXECUTOR, reason="compensation-failed", note=note)
    else:
        if sentences:
            outcome = STOPPED if isinstance(error, StoppedError) else TAKEN_BACK
            end_run(lease, run, outcome, actor=EXECUTOR, note=f"{error.detail} {' '.join(sentences)}")
        else:
            note = f"Nothing was changed. {error.detail}"
            end_run(lease, run, FAILED, actor=EXECUTOR, reason="could-not-act", note=note)
    uses.spend(cleared.change.nonce)
