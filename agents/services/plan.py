"""The stage PLANNING: fill the runbook in, ask the guardrails, freeze the change and ask for approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from agents import runbooks
from agents.evidence import plain
from agents.execution.targets import dry_run_of, permission_for, probe_of
from agents.guardrails import PlannedStep, Situation, Verdict, check, refusals
from agents.leases import Lease, locked
from agents.models import Hypothesis, Remediation, Run
from agents.moves import record, record_move
from agents.planning import Filled, fill_in
from agents.runbooks import RunbookError, fill
from agents.scope import numbers as numbers_of
from agents.scope import own_numbers
from agents.services.fail import fail
from agents.services.pause import pause, say
from agents.services.watch_meanwhile import CLOSELY_EVERY_S
from approvals.bundles import in_force
from approvals.drafts import ChangeDraft
from approvals.services.propose import propose
from audit import ledger
from core import clock
from core.actors import PLANNER, SAFEGUARD
from core.errors import BadInputError, RefusedError
from incidents import topology, windows
from incidents.models import Incident, Service
from proof.documents import parse_change

RUNBOOK_TYPE = "application/vnd.countersign.runbook+yaml"
MAX_DIFF = 20_000
MAX_TRIES = 3
UNDECLARED = {"data": "restricted", "reversibility": "none", "blast": "external", "compliance": "critical"}
"""What is not declared counts as the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was asked of the targets while planning."""

    preconditions: tuple[dict[str, Any], ...]
    diffs: tuple[dict[str, str], ...]
    checks: tuple[dict[str, Any], ...] = ()
    refusal: str = ""


def plan(lease: Lease) -> None:
    """Write the change for the best hypothesis and ask. The targets are asked outside transactions.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = Remediation.objects.get(pk=lease.remediation_id)
    incident = Incident.objects.get(pk=remediation.incident_id)
    best = remediation.hypotheses.get(rank=1)
    try:
        filled = fill_in(best, _numbers(best, incident), incident.environment)
    except RunbookError as error:
        _stop(lease, f"The plan could not be written: {error}")
        return
    verdicts = refusals(check(filled.planned, _situation(filled, incident)))
    if verdicts:
        _refuse(lease, filled, verdicts)
        return
    say(lease, f"asks the targets what “{filled.intent}” would do")
    checked = _ask_targets(filled)
    if checked.refusal and lease.attempt < MAX_TRIES:
        pause(lease, for_s=2.0, doing=checked.refusal, counts=True)
        return
    if checked.refusal:
        _stop(lease, checked.refusal)
        return
    _propose(lease, incident, best, filled, checked)


def _numbers(best: Hypothesis, incident: Incident) -> dict[str, float]:
    return (
        numbers_of(incident.environment)
        | dict(runbooks.load(best.runbook).parameters)
        | own_numbers(incident.environment)
    )


def _situation(filled: Filled, incident: Incident) -> Situation:
    environment, policy = incident.environment, in_force().policy
    hour_ago = clock.now() - timedelta(hours=1)
    recent: dict[str, int] = {}
    for digest in Run.objects.filter(started_at__gte=hour_ago, refusal="").values_list("change_digest", flat=True):
        for step in parse_change(ledger.fetch(digest)).steps:
            recent[step.target] = recent.get(step.target, 0) + 1
    slugs = Service.objects.filter(environment=environment).values_list("slug", flat=True)
    return Situation(
        environment=environment,
        targets=frozenset(f"{environment}/{slug}" for slug in slugs),
        protected=policy.protected_targets,
        blast=frozenset({filled.service.slug, *topology.blast_radius(filled.service.slug)}),
        recent=recent,
        hands_off=hands_off_of(filled.planned),
        max_recent=max(3, policy.auto_per_target_per_hour),
    )


def hands_off_of(steps: Sequence[PlannedStep]) -> dict[str, str]:
    """Why agents must not act on a target now, where a freeze or a maintenance window says so."""
    found = {}
    for step in steps:
        environment, _, slug = step.target.partition("/")
        found[step.target] = windows.hands_off(slug, environment)
    return {target: why for target, why in found.items() if why}


def _ask_targets(filled: Filled) -> Checked:
    """Probe the preconditions and, where the tool can, try the step without doing it."""
    conditions, diffs = [], []
    for template in filled.runbook.preconditions:
        step = filled.planned[template.step]
        probe = fill(template.probe, filled.values)
        answer = probe_of(step.adapter, step.target, probe, dict(step.params))
        expect = answer if template.expect == "{now}" else fill(template.expect, filled.values)
        sentence = fill(template.sentence, filled.values)
        if answer != expect:
            why = f"{sentence} does not hold: {probe} says {answer!r}, not {expect!r}."
            return Checked(preconditions=(), diffs=(), refusal=f"The plan cannot run now. {why}")
        conditions.append(
            {
                "probe": probe,
                "target": step.target,
                "expect": expect,
                "max_age_s": template.max_age_s,
                "sentence": sentence,
            }
        )
    checks = checks_of(filled.planned)
    for step in filled.planned:
        tried = dry_run_of(step.adapter, step.target, dict(step.params))
        if tried is not None and not tried.applies:
            return Checked(preconditions=(), diffs=(), refusal=f"The dry run failed: {tried.sentence}")
        if tried is not None:
            path = ", ".join(tried.files) or "(no files)"
            diffs.append({"path": plain(path, 500), "text": plain(tried.diff, MAX_DIFF)})
    return Checked(preconditions=tuple(conditions), diffs=tuple(diffs), checks=checks)


def checks_of(steps: Sequence[PlannedStep]) -> tuple[dict[str, Any], ...]:
    """Whether the executor's accounts may do the steps: nobody is asked to sign what could not be done."""
    found = []
    for step in steps:
        answer = permission_for(step.adapter, step.target, dict(step.params))
        if answer is not None:
            found.append({"target": step.target, "possible": answer.applies, "sentence": plain(answer.sentence, 300)})
    return tuple(found)


@transaction.atomic
def _propose(lease: Lease, incident: Incident, best: Hypothesis, filled: Filled, checked: Checked) -> None:
    """Freeze, ask and move in one transaction: a worker that dies here has asked nobody."""
    remediation = locked(lease)
    ledger.keep(RUNBOOK_TYPE, filled.runbook.source)
    draft = draft_of(remediation, incident, best, filled, checked)
    try:
        with transaction.atomic():
            request = propose(draft, actor=PLANNER)
    except (BadInputError, RefusedError) as error:
        note = f"The plan could not be frozen: {error.detail}"
        fail(remediation.pk, actor=PLANNER, reason="could-not-act", note=note)
        return
    remediation.ask()
    remediation.revision += 1
    remediation.change_digest = request.change_id
    remediation.request_id = request.pk
    documents = {"change": request.change_id, "runbook": filled.runbook.sha256}
    record(remediation, actor=PLANNER, verb="remediation.planned", facts={"intent": filled.intent}, documents=documents)
    wait = timedelta(seconds=CLOSELY_EVERY_S if request.is_pending else 0)
    record_move(
        remediation,
        actor=PLANNER,
        verb="remediation.asked",
        due_at=clock.now() + wait,
        facts={"request": request.pk, "route": request.route, "why": request.sentence},
        documents={"change": request.change_id},
        doing=request.sentence if request.is_pending else "",
    )


def draft_of(
    remediation: Remediation, incident: Incident, best: Hypothesis, filled: Filled, checked: Checked
) -> ChangeDraft:
    """The change, before approvals freeze it."""
    blast = sorted({filled.service.slug, *topology.blast_radius(filled.service.slug)})
    callers = [slug for slug in blast if slug != filled.service.slug]
    felt = f"{', '.join(callers)} may feel it" if callers else "nothing else needs it"
    return ChangeDraft(
        environment=incident.environment,
        incident=incident.subject,
        intent=filled.intent,
        runbook={
            "name": filled.runbook.name,
            "version": str(filled.runbook.version),
            "sha256": filled.runbook.sha256,
        },
        proposer={"kind": PLANNER.kind, "id": PLANNER.name},
        steps=filled.steps,
        verification=filled.verification,
        blast_radius={"services": blast, "sentence": f"It acts on {filled.service.slug}; {felt}."},
        factors=factors_of(filled.service, filled.planned[0].action),
        criticality=filled.service.criticality,
        confidence=best.confidence,
        hypothesis=plain(best.title),
        preconditions=checked.preconditions,
        touches=filled.touches,
        unaffected=filled.unaffected,
        diffs=checked.diffs,
        checks=checked.checks,
        evidence=[
            {"name": row.name, "sha256": row.sha256} for row in remediation.evidence.order_by("name") if row.sha256
        ],
        autonomy=incident.autonomy,
        revises=remediation.change_digest,
        teams=dict.fromkeys((str(step["target"]) for step in filled.steps), filled.service.team),
    )


def factors_of(service: Service, action: str) -> dict[str, tuple[str, str]]:
    """The risk factors declared for this action on this service, `*` where it has none of its own."""
    declared = service.factors.get(action) or service.factors.get("*") or {}
    factors = {}
    for name, worst in UNDECLARED.items():
        given = declared.get(name)
        if isinstance(given, dict):
            factors[name] = (str(given.get("level", worst)), str(given.get("note", "")))
        elif isinstance(given, list | tuple) and given:
            factors[name] = (str(given[0]), str(given[1]) if len(given) > 1 else "")
        elif isinstance(given, str) and given:
            factors[name] = (given, "")
        else:
            factors[name] = (worst, "Not declared, so the worst is assumed.")
    return factors


@transaction.atomic
def _refuse(lease: Lease, filled: Filled, verdicts: Sequence[Verdict]) -> None:
    remediation = locked(lease)
    facts = {"intent": filled.intent, "refusals": [{"rule": one.rule, "why": one.sentence} for one in verdicts]}
    record(remediation, actor=SAFEGUARD, verb="guardrail.refused", facts=facts)
    sentences = " ".join(dict.fromkeys(one.sentence for one in verdicts))
    note = f"The safeguards refused to {filled.intent}: {sentences}"
    fail(remediation.pk, actor=SAFEGUARD, reason="could-not-act", note=note)


@transaction.atomic
def _stop(lease: Lease, note: str) -> None:
    remediation = locked(lease)
    fail(remediation.pk, actor=PLANNER, reason="could-not-act", note=note)
