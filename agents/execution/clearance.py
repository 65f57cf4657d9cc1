"""May this change run, by what is signed? No row is asked; every check that fails is a sentence and stops the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from agents.execution import uses
from agents.execution.pins import Pins, pins, raise_pins
from agents.execution.uses import Allowance
from agents.guardrails import PlannedStep, Situation, check, refusals
from approvals.dossier import Dossier, dossier
from audit.errors import TamperedError
from core import clock
from core.errors import NotFoundError, RefusedError
from incidents import topology
from incidents.models import Service
from proof import canonical, quorum
from proof.documents import Change, DocumentError, Policy, Step, parse_change, parse_policy
from proof.envelope import SignatureError
from proof.registry import Registry, RegistryError, parse_chain, verify_policy
from proof.times import rfc3339

ANY_AUDIENCE = "executor:default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A change that may run.

    Attributes:
        digest: recomputed from its bytes.
        auto: whether policy alone decided.
        allowance: then, how much it may do alone.
        documents: what it was judged by, for the ledger.
        sentence: who let it pass.
    """

    change: Change
    digest: str
    auto: bool
    allowance: Allowance | None
    documents: Mapping[str, str]
    sentence: str


def clear(digest: str, *, incident_id: int, begun_at: datetime | None = None) -> Clearance:
    """Judge the change with this digest from its bytes, signatures, registry and policy.

    A run that goes on after a crash, or takes itself back, is judged by when the executor's own store says that it was
    begun and by the policy that it was begun under.

    Raises:
        RefusedError: It may not run; the sentence says why.
    """
    try:
        found = dossier(digest, as_made=begun_at is not None)
    except (TamperedError, NotFoundError, DocumentError) as error:
        detail = f"The change cannot be read as it was signed: {error}"
        raise RefusedError(detail) from error
    if canonical.sha256(found.change_bytes) != digest:
        msg = "The change's bytes do not have the digest that the remediation names."
        raise RefusedError(msg)
    change = _parse(found.change_bytes)
    _require_ours(change, incident_id)
    versions = _versions(found)
    registry = versions[-1]
    policy = _policy(found, versions, newest=begun_at is None)
    now = begun_at or clock.now()
    verdict = quorum.evaluate(
        found.change_bytes, found.records, registry, found.policy_bytes, now=now, audience=change.audience
    )
    if verdict.state is not quorum.State.GRANTED:
        reasons = " ".join(verdict.reasons) or "No valid decision lies over these bytes."
        msg = f"The signatures do not allow it ({verdict.state}): {reasons}"
        raise RefusedError(msg)
    if rfc3339(now) < change.not_before:
        msg = f"The change may not run before {change.not_before}."
        raise RefusedError(msg)
    auto = verdict.needed == 0
    allowance = None
    if auto:
        allowance = Allowance(per_hour=policy.auto_per_hour, per_target_per_hour=policy.auto_per_target_per_hour)
        uses.require_room(allowance, [step.target for step in change.steps], apart_from=change.nonce)
    _require_guardrails(change, policy)
    raise_pins(Pins(root_public=registry.root_public, registry_version=registry.version, policy_version=policy.version))
    return Clearance(
        change=change,
        digest=digest,
        auto=auto,
        allowance=allowance,
        documents=_documents(digest, registry, found),
        sentence="Policy alone decided." if auto else f"{verdict.have} of {verdict.needed} people signed.",
    )


def _parse(data: bytes) -> Change:
    try:
        return parse_change(data)
    except DocumentError as error:
        detail = f"These bytes are not a change: {error}"
        raise RefusedError(detail) from error


def _require_ours(change: Change, incident_id: int) -> None:
    if change.incident != f"incident:{incident_id}":
        msg = f"The change is for {change.incident}, not for incident:{incident_id}."
        raise RefusedError(msg)
    audience = settings.AUDIENCE
    if audience not in {change.audience, ANY_AUDIENCE}:
        msg = f"The change is for {change.audience}; this executor is {audience}."
        raise RefusedError(msg)


def _versions(found: Dossier) -> tuple[Registry, ...]:
    known = pins()
    try:
        versions = parse_chain(found.registry_chain, root_public=known.root_public or None)
    except RegistryError as error:
        detail = f"The key registry does not hold: {error}"
        raise RefusedError(detail) from error
    registry = versions[-1]
    if registry.version < known.registry_version:
        seen = known.registry_version
        msg = f"Registry version {registry.version} was shown, but version {seen} is known to exist."
        raise RefusedError(msg)
    if not settings.EMBEDDED and registry.mode != "production":
        msg = "The key registry is that of a local installation, whose people may be demo people."
        raise RefusedError(msg)
    return versions


def _policy(found: Dossier, versions: Sequence[Registry], *, newest: bool) -> Policy:
    try:
        policy = parse_policy(found.policy_bytes)
        verify_policy(found.policy_bytes, found.policy_signature, versions, created_at=policy.created_at)
    except (SignatureError, DocumentError) as error:
        detail = f"The policy is not signed by the registry's root: {error}"
        raise RefusedError(detail) from error
    known = pins().policy_version
    if newest and policy.version < known:
        msg = f"The change was decided under policy {policy.version}, but {known} is in force."
        raise RefusedError(msg)
    return policy


def _require_guardrails(change: Change, policy: Policy) -> None:
    environment = change.environment
    slugs = Service.objects.filter(environment=environment).values_list("slug", flat=True)
    blast = {slug for step in change.steps for slug in _felt_by(step)}
    situation = Situation(
        environment=environment,
        targets=frozenset(f"{environment}/{slug}" for slug in slugs),
        protected=policy.protected_targets,
        blast=frozenset(blast),
    )
    refused = refusals(check([planned(step) for step in change.steps], situation))
    if refused:
        msg = f"The safeguards refuse: {' '.join(dict.fromkeys(one.sentence for one in refused))}"
        raise RefusedError(msg)


def _felt_by(step: Step) -> list[str]:
    slug = step.target.partition("/")[2]
    return [slug, *topology.blast_radius(slug)]


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


def params_of(step: Step) -> dict[str, str]:
    """A signed step's parameters by name."""
    return {param.name: param.value for param in step.params}


def _documents(digest: str, registry: Registry, found: Dossier) -> dict[str, str]:
    return {
        "change": digest,
        "registry": registry.sha256,
        "policy": canonical.sha256(found.policy_bytes),
    }
