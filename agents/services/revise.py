"""Let a person edit the parameters of a plan, within the catalogue and the safeguards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agents.catalogue import ACTIONS, command_of, undo_params
from agents.evidence import plain
from agents.execution.targets import dry_run_of
from agents.guardrails import PlannedStep, Situation, check, refusals
from agents.services.plan import MAX_DIFF, checks_of
from approvals import bundles
from approvals.drafts import ChangeDraft
from approvals.models import ApprovalRequest, Revision
from approvals.permissions import grants
from approvals.redrafting import draft_behind
from approvals.requests import missing
from approvals.services.revise import revise as revise_request
from audit import ledger
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from incidents import topology
from incidents.models import Service
from proof.documents import parse_change

Piece = dict[str, Any]
Edit = tuple[int, str, str]
"""Index of a step, name of a parameter, its new value."""


def revise(
    request_id: int,
    edits: Sequence[Edit],
    why: str,
    *,
    actor: Actor,
    window: tuple[datetime | None, datetime | None] = (None, None),
) -> Revision:
    """Edit the plan of an open request; the targets are asked outside transactions.

    Args:
        request_id: the request.
        edits: what to change; all else stays as it was.
        why: in the author's words.
        actor: the author, who may then not approve it.
        window: from when and until when it may start; None for as soon as it is granted.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not propose changes there.
        BadInputError: Nothing is changed, or a value is outside of the catalogue.
        RefusedError: The safeguards, a target or the policy say no.
        ReaderError: A target did not answer.
        WrongStateError: The request is settled, or was begun.
    """
    request = ApprovalRequest.objects.select_related("change").filter(pk=request_id).first()
    if request is None:
        raise missing(request_id)
    grants.require(Permission.CHANGE_PROPOSE, actor, request)
    content = ledger.fetch(request.change_id)
    draft = draft_behind(content, request.ruling, _teams(parse_change(content).environment), author=actor)
    if not edits and window == (None, None):
        detail = "Nothing was changed. Edit a parameter, or the window in which it may run."
        raise BadInputError(detail)
    steps = [_edited(step, [edit for edit in edits if edit[0] == step["index"]]) for step in draft.steps]
    _require_steps(edits, len(steps))
    planned = [_planned(step) for step in steps]
    _require_safe(draft, planned)
    asked = replace(
        draft,
        steps=steps,
        diffs=_diffs(planned) or draft.diffs,
        checks=checks_of(planned),
        not_before=window[0],
        execute_by=window[1],
    )
    return revise_request(request_id, asked, why, actor=actor)


def _edited(step: Mapping[str, Any], edits: Sequence[Edit]) -> Piece:
    action = ACTIONS.get(str(step["action"]))
    if action is None:
        detail = f"{step['action']} is not in the catalogue, so it cannot be edited."
        raise BadInputError(detail)
    params = {str(param["name"]): str(param["value"]) for param in step["params"]}
    for _, name, value in edits:
        if name not in params:
            detail = f"Step {step['index'] + 1} has no parameter {name!r}; it has {', '.join(sorted(params))}."
            raise BadInputError(detail)
        params[name] = value
    fault = action.fault(params)
    if fault:
        raise BadInputError(fault)
    undo = step["undo"]
    if undo is not None:
        undo = {**undo, "params": _pairs(undo_params(action, params))}
    return {**step, "params": _pairs(params), "command": command_of(action, params), "undo": undo}


def _require_steps(edits: Sequence[Edit], count: int) -> None:
    for index, _, _ in edits:
        if not 0 <= index < count:
            detail = f"There is no step {index + 1}; the plan has {count}."
            raise BadInputError(detail)


def _planned(step: Mapping[str, Any]) -> PlannedStep:
    return PlannedStep(
        action=str(step["action"]),
        adapter=str(step["adapter"]),
        target=str(step["target"]),
        params={str(param["name"]): str(param["value"]) for param in step["params"]},
        timeout_s=int(step["timeout_s"]),
        has_undo=step["undo"] is not None,
    )


def _require_safe(draft: ChangeDraft, planned: Sequence[PlannedStep]) -> None:
    environment = draft.environment
    slugs = list(Service.objects.filter(environment=environment).values_list("slug", flat=True))
    acted_on = {step.target.partition("/")[2] for step in planned}
    situation = Situation(
        environment=environment,
        targets=frozenset(f"{environment}/{slug}" for slug in slugs),
        protected=bundles.in_force().policy.protected_targets,
        blast=frozenset(acted_on.union(*(topology.blast_radius(slug) for slug in acted_on))),
    )
    refused = refusals(check(planned, situation))
    if refused:
        detail = f"The safeguards refuse: {' '.join(dict.fromkeys(one.sentence for one in refused))}"
        raise RefusedError(detail)


def _diffs(planned: Sequence[PlannedStep]) -> list[Piece]:
    found = []
    for step in planned:
        tried = dry_run_of(step.adapter, step.target, dict(step.params))
        if tried is not None and not tried.applies:
            detail = f"The dry run of the edited plan failed: {tried.sentence}"
            raise RefusedError(detail)
        if tried is not None:
            path = ", ".join(tried.files) or "(no files)"
            found.append({"path": plain(path, 500), "text": plain(tried.diff, MAX_DIFF)})
    return found


def _teams(environment: str) -> dict[str, str]:
    teams = Service.objects.filter(environment=environment).values_list("slug", "team")
    return {f"{environment}/{slug}": team for slug, team in teams}


def _pairs(params: Mapping[str, str]) -> list[Piece]:
    return [{"name": name, "value": value} for name, value in sorted(params.items())]
