"""What a runbook must be beyond its form: its actions exist, their parameters are the declared ones, names known."""

from collections.abc import Iterator

from agents.catalogue import ACTIONS
from agents.runbooks.shape import Runbook, RunbookError, StepTemplate
from agents.runbooks.template import names_in

NOW = "{now}"
ALWAYS_KNOWN = frozenset({"service", "environment", "supervisor", "config_path", "branch"})


def lint(runbook: Runbook) -> None:
    """Check what only the whole shows.

    Raises:
        RunbookError: An action, a parameter, a step or a name is not known.
    """
    if not runbook.steps:
        raise RunbookError(place=f"{runbook.name}.steps", why="a runbook without steps does nothing.")
    for index, step in enumerate(runbook.steps):
        _check_step(step, f"{runbook.name}.steps[{index}]")
    for condition in runbook.preconditions:
        if not 0 <= condition.step < len(runbook.steps):
            raise RunbookError(place=f"{runbook.name}.preconditions", why=f"there is no step {condition.step}.")
    known = ALWAYS_KNOWN | set(runbook.names)
    for place, template in _templates(runbook):
        for name in sorted(names_in(template) - known):
            raise RunbookError(place=f"{runbook.name}.{place}", why=f"{{{name}}} is not known; declare it in names.")


def _check_step(step: StepTemplate, place: str) -> None:
    action = ACTIONS.get(step.action)
    if action is None:
        raise RunbookError(
            place=f"{place}.action", why=f"the catalogue has no {step.action!r}; it has {', '.join(ACTIONS)}."
        )
    declared = {parameter.name for parameter in action.parameters}
    if declared != set(step.params):
        raise RunbookError(place=f"{place}.params", why=f"must be exactly {', '.join(sorted(declared))}.")
    if step.timeout_s > action.max_timeout_s:
        raise RunbookError(
            place=f"{place}.timeout_s", why=f"is longer than {action.max_timeout_s}, the action's own limit."
        )


def _templates(runbook: Runbook) -> Iterator[tuple[str, str]]:
    yield "intent", runbook.intent
    for index, step in enumerate(runbook.steps):
        for template in (step.target, step.title, step.undo_note, *step.params.values()):
            yield f"steps[{index}]", template
    for condition in runbook.preconditions:
        yield "preconditions", condition.probe
        if condition.expect != NOW:
            yield "preconditions", condition.expect
        yield "preconditions", condition.sentence
    for template in (runbook.verification.target, runbook.verification.threshold, runbook.verification.sentence):
        yield "verification", template
    for touch in runbook.touches:
        yield "touches", touch.name
        yield "touches", touch.sentence
    for template in runbook.unaffected:
        yield "unaffected", template
