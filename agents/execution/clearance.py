"""May this change run, by what the log says? No row is asked; every check that fails is a sentence and stops it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from agents.execution import clocks, standing, suspension, uses, witnesses
from agents.execution.follower import follow
from agents.execution.held import EVERYTHING, Dossier, dossier
from agents.execution.index import Index, opened
from agents.execution.judgement import judge
from agents.execution.uses import Allowance
from agents.execution.waiting import NotYetError
from agents.guardrails import PlannedStep, Situation, check, refusals
from connectors.assents import WAITS, outside
from connectors.warrants import Warrant
from core.errors import RefusedError
from incidents import topology, windows
from incidents.models import Service
from proof import canonical
from proof.documents import Change, Policy, Step
from proof.times import rfc3339
from proof.verdict import State, Verdict

ANY_AUDIENCE = "executor:default"
ENDED = frozenset({"remediation.completed", "remediation.failed", "remediation.rolled_back"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the intent of a run stands in the log, and when it was made by the executor's own clock."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A change that may run.

    Attributes:
        digest: recomputed from its bytes.
        auto: whether policy alone decided.
        allowance: then, how much it may do alone.
        documents: what it was judged by, for the ledger.
        sentence: who let it pass.
        size: how much of the log it was judged by.
        since: the place of the intent; what comes after it in the log can stop the run between steps, not unmake it.
        warrant: opens the tools of its steps, and no others.
    """

    change: Change
    digest: str
    auto: bool
    allowance: Allowance | None
    documents: Mapping[str, str]
    sentence: str
    size: int
    since: Place | None
    warrant: Warrant


def clear(digest: str, *, incident_id: int, intent: Place | None = None) -> Clearance:
    """Judge the change with this digest from its bytes, and from what the log holds about it.

    With an intent, the log below the intent decides, whatever was added later, and the time of the intent; so a run
    that goes on after a crash, or takes itself back, is judged like when it began.

    Raises:
        RefusedError: It may not run; the sentence says why.
    """
    size = follow()
    with opened() as index:
        held = dossier(index, digest, below=intent.seq if intent else EVERYTHING)
        _require_ours(held, digest, incident_id)
        now = intent.at if intent else clocks.now(index)
        verdict = _verdict(index, held, now, intent)
        clocks.require_sane(index, verdict.tier)
        since = intent.at if intent else None
        witnesses.require(held, verdict.tier, covering=intent.seq if intent else 0, since=since)
        auto = not verdict.needed
        if intent is None:
            _require_released(index, held, now, auto=auto)
            _require_outside(index, held, digest)
        if auto:
            uses.sweep(lambda remediation: bool(index.entries(ENDED, about=remediation)))
    allowance = _allowance(held) if auto else None
    if allowance is not None:
        uses.require_room(allowance, targets_of(held.change), apart_from=held.change.nonce)
    _require_guardrails(held.change, held.policy)
    return Clearance(
        change=held.change,
        digest=digest,
        auto=auto,
        allowance=allowance,
        documents=_documents(digest, held),
        sentence=_sentence(verdict),
        size=size,
        since=intent,
        warrant=Warrant(change=digest, uses=frozenset((step.adapter, step.target) for step in held.change.steps)),
    )


def _sentence(verdict: Verdict) -> str:
    """Who let it pass."""
    if verdict.override:
        return f"{verdict.counted[0][0]} took it on themselves alone."
    if verdict.standing:
        return f"It ran under the standing approval {verdict.standing[:12]}."
    return f"{verdict.have} of {verdict.needed} people signed." if verdict.needed else "Policy alone decided."


def targets_of(change: Change) -> list[str]:
    """What a change acts on."""
    return [step.target for step in change.steps]


def params_of(step: Step) -> dict[str, str]:
    """A signed step's parameters by name."""
    return {param.name: param.value for param in step.params}


def planned(step: Step) -> PlannedStep:
    """A signed step as the guardrails look at it."""
    return PlannedStep(
        action=step.action,
        adapter=step.adapter,
        target=step.target,
        params=params_of(step),
        timeout_s=step.timeout_s,
        has_undo=step.undo is not None,
    )


def guard(change: Change, policy: Policy) -> list[str]:
    """Why the safeguards refuse a change: a sentence each, none if they do not."""
    environment = change.environment
    slugs = Service.objects.filter(environment=environment).values_list("slug", flat=True)
    situation = Situation(
        environment=environment,
        targets=frozenset(f"{environment}/{slug}" for slug in slugs),
        protected=policy.protected_targets,
        blast=frozenset(slug for step in change.steps for slug in _felt_by(step)),
    )
    refused = refusals(check([planned(step) for step in change.steps], situation))
    return list(dict.fromkeys(one.sentence for one in refused))


def _require_ours(held: Dossier, digest: str, incident_id: int) -> None:
    change = held.change
    if canonical.sha256(held.change_bytes) != digest:
        msg = "The change's bytes do not have the digest that the remediation names."
        raise RefusedError(msg)
    if change.incident != f"incident:{incident_id}":
        msg = f"The change is for {change.incident}, not for incident:{incident_id}."
        raise RefusedError(msg)
    audience = settings.AUDIENCE
    if audience not in {change.audience, ANY_AUDIENCE}:
        msg = f"The change is for {change.audience}; this executor is {audience}."
        raise RefusedError(msg)
    if not settings.EMBEDDED and held.registry.mode != "production":
        msg = "The key registry is that of a local installation, whose people may be demo people."
        raise RefusedError(msg)


def _verdict(index: Index, held: Dossier, now: datetime, intent: Place | None) -> Verdict:
    below = intent.seq if intent else EVERYTHING
    verdict = judge(index, held, now=now, below=below)
    if verdict.state is not State.GRANTED:
        reasons = " ".join([*verdict.reasons, *held.late]) or "No valid decision lies over these bytes."
        msg = f"The signatures do not allow it ({verdict.state}): {reasons}"
        raise RefusedError(msg)
    if verdict.standing:
        standing.require_room(index, verdict.standing, canonical.sha256(held.change_bytes), now=now, below=below)
    return verdict


def _require_released(index: Index, held: Dossier, now: datetime, *, auto: bool) -> None:
    """What may only delay it: the window that opens later, and people who hold the agents."""
    if rfc3339(now) < held.change.not_before:
        msg = f"The change may not run before {held.change.not_before}."
        raise NotYetError(msg)
    holder = suspension.held_by(index, held.registry)
    if holder:
        msg = f"{holder} holds all agents; it runs once they are released."
        raise NotYetError(msg)
    if auto:
        suspension.require_not_suspended(index, held.registry, targets_of(held.change))
        _require_hands_free(targets_of(held.change), now)


def _require_outside(index: Index, held: Dossier, digest: str) -> None:
    """An approval outside that is asked for in addition. It can only delay or end a run; it replaces no signature."""
    found = outside(digest, held.change.environment)
    if found.refused:
        raise RefusedError(found.refused)
    if found.waits or (found.required and not index.entries({"assent.given"}, about=f"change:{digest}")):
        raise NotYetError(found.waits or WAITS)


def _require_hands_free(targets: Sequence[str], now: datetime) -> None:
    """What nobody signed waits while changes are frozen or people work there. Rows can only delay it."""
    for target in targets:
        environment, _, slug = target.partition("/")
        why = windows.hands_off(slug, environment, now)
        if why:
            raise NotYetError(why)


def _allowance(held: Dossier) -> Allowance:
    policy = held.policy
    return Allowance(per_hour=policy.auto_per_hour, per_target_per_hour=policy.auto_per_target_per_hour)


def _require_guardrails(change: Change, policy: Policy) -> None:
    sentences = guard(change, policy)
    if sentences:
        msg = f"The safeguards refuse: {' '.join(sentences)}"
        raise RefusedError(msg)


def _felt_by(step: Step) -> list[str]:
    slug = step.target.partition("/")[2]
    return [slug, *topology.blast_radius(slug)]


def _documents(digest: str, held: Dossier) -> dict[str, str]:
    return {
        "change": digest,
        "registry": held.registry.sha256,
        "policy": canonical.sha256(held.policy_bytes),
    }
