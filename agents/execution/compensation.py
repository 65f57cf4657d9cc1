"""Take back what was done, last step first; a step that has no compensation says so."""

from dataclasses import dataclass

from django.db import transaction

from agents.catalogue import ACTIONS, RESULT_COMMIT
from agents.execution.clearance import Clearance, params_of
from agents.execution.steps import close_step, row_of, told
from agents.execution.targets import tool_for
from agents.leases import Lease, locked
from agents.models import Run, RunState, StepRun
from agents.moves import record
from agents.services.pause import say
from connectors.base import Actuator, ActuatorError
from core import clock
from core.actors import EXECUTOR
from core.errors import RefusedError
from proof.documents import Step, Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A step, what takes it back, and the undo's parameters with what the step itself made filled in."""

    step: Step
    undo: Undo
    params: dict[str, str]


def compensate(lease: Lease, run: Run, cleared: Clearance) -> list[str]:
    """Undo every step that took effect; returns a sentence for each.

    What took effect is what the target itself carries a mark of, not what a row says.

    Raises:
        RefusedError: A row contradicts what was signed, or an undo is not one of the catalogue.
        ActuatorError: An undo could not be done.
        ReaderError: A target did not answer.
        LostLeaseError: Another worker has it by now.
    """
    sentences = []
    for step in reversed(cleared.change.steps):
        tool = tool_for(step.adapter, step.target, cleared.warrant)
        mark = tool.look(step.idempotency_key, params_of(step))
        if mark is None:
            continue
        if step.undo is None:
            sentences.append(f"{step.title}: no compensation exists. {step.undo_note}")
        else:
            commit = str(mark.get("commit", ""))
            params = {one.name: commit if one.value == RESULT_COMMIT else one.value for one in step.undo.params}
            _undo_once(tool, lease, run, Undoing(step=step, undo=step.undo, params=params))
            sentences.append(f"{step.undo.title}: done.")
    return sentences


def _undo_once(tool: Actuator, lease: Lease, run: Run, undoing: Undoing) -> None:
    step, undo, params = undoing.step, undoing.undo, undoing.params
    action = ACTIONS.get(step.action)
    fault = action.fault(params) if action is not None else f"The catalogue has no action {step.action!r}."
    if fault:
        msg = f"The compensation cannot run: {fault}"
        raise RefusedError(msg)
    row = row_of(run, undo.idempotency_key, index=step.index, direction="undo", title=undo.title, command=undo.command)
    mark = tool.look(undo.idempotency_key, params)
    row = row or _begin(lease, run, step, undo)
    found = mark is not None
    if mark is None:
        say(lease, f"takes back: {undo.title}")
        try:
            mark = tool.act(params, undo.idempotency_key, undo.timeout_s)
        except ActuatorError:
            mark = tool.look(undo.idempotency_key, params)
            if mark is None:
                raise
    if row.state != RunState.SUCCEEDED:
        _finish(lease, row, mark, found=found)


@transaction.atomic
def _begin(lease: Lease, run: Run, step: Step, undo: Undo) -> StepRun:
    locked(lease)
    return StepRun.objects.create(
        run=run,
        index=step.index,
        direction="undo",
        title=undo.title[:200],
        command=undo.command[:500],
        key=undo.idempotency_key,
        started_at=clock.now(),
    )


@transaction.atomic
def _finish(lease: Lease, row: StepRun, result: dict[str, object], *, found: bool) -> None:
    remediation = locked(lease)
    close_step(row, RunState.SUCCEEDED, result, found=found)
    facts = {"index": row.index, "title": row.title, "found": found, "result": told(result)}
    about = [f"change:{row.run.change_digest}", f"run:{row.run_id}"]
    record(remediation, actor=EXECUTOR, verb="step.undone", facts=facts, about=about)
