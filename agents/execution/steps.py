"""Do the steps of a cleared change, each once: recorded, or found at the target, or done now."""

from typing import Any

from django.db import transaction

from agents.execution import presence
from agents.execution.clearance import Clearance, params_of
from agents.execution.heed import heed
from agents.execution.targets import probe_of, tool_for
from agents.leases import Lease, locked
from agents.models import Run, RunState, StepRun
from agents.moves import record
from agents.services.pause import say
from connectors.base import Actuator, ActuatorError
from core import clock
from core.actors import EXECUTOR
from core.errors import RefusedError
from proof.documents import Step


class NotNowError(RefusedError):
    """The target is not as it was when people signed; a process that is just starting may be again in a moment."""

    code, title = "precondition", "Not as it was"


def carry_out(lease: Lease, run: Run, cleared: Clearance) -> None:
    """Do every step in order.

    Raises:
        RefusedError: A row contradicts the signed step, or a precondition does not hold.
        StoppedError: Somebody said stop between two steps.
        ActuatorError: A step could not be done.
        ReaderError: A target did not answer.
        LostLeaseError: Another worker has it by now.
    """
    for number, step in enumerate(cleared.change.steps):
        presence.require_held()
        if number:
            presence.leave_if_asked()
            heed(cleared)
        _once(lease, run, cleared, step)


def check_preconditions(cleared: Clearance, step: Step) -> None:
    """Ask the target whether everything is still as it was when people signed.

    Raises:
        NotNowError: It is not.
        ReaderError: The target did not answer.
    """
    for condition in cleared.change.preconditions:
        if condition.target != step.target:
            continue
        answer = probe_of(step.adapter, step.target, condition.probe, params_of(step))
        if answer != condition.expect:
            detail = f"{condition.sentence} That does not hold: {condition.probe} says {answer!r}."
            raise NotNowError(detail)


def row_of(run: Run, key: str, *, index: int, direction: str, title: str, command: str) -> StepRun | None:
    """The record of a step, if there is one and it says what was signed.

    Raises:
        RefusedError: It says something else.
    """
    row = StepRun.objects.filter(key=key).first()
    if row is None:
        return None
    said = (row.run_id, row.index, row.direction, row.title, row.command)
    if said != (run.pk, index, direction, title[:200], command[:500]):
        detail = f"The record of step {index} does not say what was signed; somebody changed it."
        raise RefusedError(detail)
    return row


def _once(lease: Lease, run: Run, cleared: Clearance, step: Step) -> None:
    row = row_of(run, step.idempotency_key, index=step.index, direction="act", title=step.title, command=step.command)
    tool, params = tool_for(step.adapter, step.target, cleared.warrant), params_of(step)
    say(lease, f"looks whether “{step.title}” was done already")
    mark = tool.look(step.idempotency_key, params)
    if row is not None and row.state == RunState.SUCCEEDED:
        if mark is None:
            detail = f"Step {step.index} is recorded as done, but its target carries no mark of it."
            raise RefusedError(detail)
        return
    if mark is None:
        check_preconditions(cleared, step)
        row = _begin(lease, run, step)
        say(lease, f"does: {step.title} ({step.command})")
        _finish(lease, row, _act(tool, step, params), found=False)
    else:
        _finish(lease, row or _begin(lease, run, step), mark, found=True)


def _act(tool: Actuator, step: Step, params: dict[str, str]) -> dict[str, Any]:
    """Act; where the answer got lost, look whether it happened all the same."""
    try:
        return tool.act(params, step.idempotency_key, step.timeout_s)
    except ActuatorError:
        mark = tool.look(step.idempotency_key, params)
        if mark is None:
            raise
        return mark


@transaction.atomic
def _begin(lease: Lease, run: Run, step: Step) -> StepRun:
    locked(lease)
    row, _ = StepRun.objects.get_or_create(
        key=step.idempotency_key,
        defaults={
            "run": run,
            "index": step.index,
            "direction": "act",
            "title": step.title[:200],
            "command": step.command[:500],
            "started_at": clock.now(),
        },
    )
    return row


@transaction.atomic
def _finish(lease: Lease, row: StepRun, result: dict[str, Any], *, found: bool) -> None:
    remediation = locked(lease)
    close_step(row, RunState.SUCCEEDED, result, found=found)
    facts = {"index": row.index, "title": row.title, "command": row.command, "found": found, "result": told(result)}
    about = [f"change:{row.run.change_digest}", f"run:{row.run_id}"]
    record(remediation, actor=EXECUTOR, verb="step.finished", facts=facts, about=about)


def close_step(row: StepRun, state: str, result: dict[str, Any], *, found: bool) -> None:
    """Record how a step ended."""
    row.state, row.result, row.found, row.ended_at = state, told(result), found, clock.now()
    row.save(update_fields=["state", "result", "found", "ended_at"])


def told(result: dict[str, Any]) -> dict[str, Any]:
    """A target's answer as the ledger takes it: texts, whole numbers, nothing deep."""
    return {
        str(name)[:80]: value if isinstance(value, bool | int) else str(value)[:400]
        for name, value in sorted(result.items())[:20]
    }
