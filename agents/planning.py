"""Fill a runbook in for a hypothesis: the parts of a change, as data."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents import runbooks
from agents.catalogue import ACTIONS, Action, command_of, undo_params
from agents.diagnosis.numbers import megabytes, percent
from agents.guardrails import PlannedStep
from agents.models import Hypothesis
from agents.runbooks import Runbook, RunbookError, fill
from agents.runbooks.shape import StepTemplate
from connectors.models import Connection
from incidents.models import Service

Piece = dict[str, Any]
UNITS = {"heap": megabytes, "error_rate": percent}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A runbook with its names filled in.

    Attributes:
        values: what the templates were filled in with.
        steps, verification: as they stand in the change document.
        planned: the same steps as the guardrails look at them.
    """

    runbook: Runbook
    service: Service
    values: Mapping[str, str]
    intent: str
    steps: tuple[Piece, ...]
    planned: tuple[PlannedStep, ...]
    verification: Piece
    touches: tuple[Piece, ...]
    unaffected: tuple[str, ...]


def fill_in(hypothesis: Hypothesis, numbers: Mapping[str, float], environment: str) -> Filled:
    """The plan that a hypothesis calls for.

    Args:
        hypothesis: it names the runbook and holds the parameters.
        numbers: parameters by name; the environment's own have won already.
        environment: where it will run.

    Raises:
        RunbookError: The runbook needs something that is not known here.
    """
    runbook = runbooks.load(hypothesis.runbook)
    service = Service.objects.filter(slug=hypothesis.service).first()
    if service is None:
        raise RunbookError(place=runbook.name, why=f"the service catalogue has no {hypothesis.service!r}.")
    values = values_for(runbook, hypothesis, service, environment)
    made = [_step(index, template, values) for index, template in enumerate(runbook.steps)]
    return Filled(
        runbook=runbook,
        service=service,
        values=values,
        intent=fill(runbook.intent, values),
        steps=tuple(piece for piece, _ in made),
        planned=tuple(planned for _, planned in made),
        verification=_verification(runbook, values, numbers),
        touches=tuple(
            {"name": fill(one.name, values), "sentence": fill(one.sentence, values)} for one in runbook.touches
        ),
        unaffected=tuple(fill(one, values) for one in runbook.unaffected),
    )


def values_for(runbook: Runbook, hypothesis: Hypothesis, service: Service, environment: str) -> dict[str, str]:
    """What the templates may use."""
    values = {name: str(value) for name, value in hypothesis.parameters.items()}
    values |= {name: str(value) for name, value in service.targets.items()}
    values |= {"service": service.slug, "environment": environment, "branch": _branch(environment)}
    words = UNITS.get(runbook.verification.signal)
    if words is not None and "healthy_below" in values:
        values["healthy_below_words"] = words(float(values["healthy_below"]))
    return values


def _branch(environment: str) -> str:
    config = (
        Connection.objects.filter(kind="git", environment=environment).order_by("id").values_list("config", flat=True)
    )
    return str((config.first() or {}).get("branch") or "main")


def _step(index: int, template: StepTemplate, values: Mapping[str, str]) -> tuple[Piece, PlannedStep]:
    action = ACTIONS[template.action]
    params = {name: fill(value, values) for name, value in template.params.items()}
    target = f"{values['environment']}/{fill(template.target, values)}"
    planned = PlannedStep(
        action=action.slug,
        adapter=action.adapter,
        target=target,
        params=params,
        timeout_s=template.timeout_s,
        has_undo=action.has_undo,
    )
    fault = action.fault(params)
    piece = {
        "index": index,
        "action": action.slug,
        "adapter": action.adapter,
        "target": target,
        "title": fill(template.title, values),
        "command": "" if fault else command_of(action, params),
        "params": _pairs(params),
        "timeout_s": template.timeout_s,
        "idempotency_key": secrets.token_hex(16),
        "undo": _undo(action, params, template) if action.has_undo else None,
        "undo_note": fill(template.undo_note, values),
    }
    return piece, planned


def _undo(action: Action, params: Mapping[str, str], template: StepTemplate) -> Piece:
    return {
        "title": action.undo_title,
        "command": action.undo_command,
        "params": _pairs(undo_params(action, params)),
        "timeout_s": template.timeout_s,
        "idempotency_key": secrets.token_hex(16),
    }


def _pairs(params: Mapping[str, str]) -> list[Piece]:
    return [{"name": name, "value": value} for name, value in sorted(params.items())]


def _verification(runbook: Runbook, values: Mapping[str, str], numbers: Mapping[str, float]) -> Piece:
    wanted = runbook.verification
    slug = fill(wanted.target, values)
    watched = Service.objects.filter(slug=slug).first()
    query = str(watched.signals.get(wanted.signal, "")) if watched else ""
    if not query:
        raise RunbookError(place=f"{runbook.name}.verification", why=f"{slug} has no signal {wanted.signal!r}.")
    return {
        "target": f"{values['environment']}/{slug}",
        "query": query,
        "compare": wanted.compare,
        "threshold": format(Decimal(fill(wanted.threshold, values)), "f"),
        "hold_s": int(numbers["verify_hold_s"]),
        "timeout_s": max(1, int(numbers["verify_timeout_s"])),
        "every_s": max(1, int(numbers["verify_every_s"])),
        "sentence": fill(wanted.sentence, values),
    }
