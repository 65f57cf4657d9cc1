"""What a new policy does to the requests that were asked under the one before."""

from collections.abc import Sequence
from dataclasses import replace

from approvals import bundles, edits, registry
from approvals.models import ApprovalRequest, PolicyVersion, RequestState
from approvals.services.void import void
from audit import ledger
from audit.models import Entry
from core import clock, live
from core.actors import POLICY, Actor
from proof.documents import Change, Policy, parse_change, parse_policy
from proof.limits import Requirement, requirement


def put_in_force(version: PolicyVersion, *, actor: Actor, signed_by: Sequence[str]) -> None:
    """Record a policy whose signatures are complete, and void the requests that do not stand under it."""
    policy = parse_policy(ledger.fetch(version.sha256))
    why = f"Policy {version.version} came into force; it is asked again under the new rules."
    voided = [void(request.pk, actor=POLICY, why=why).pk for request in would_void(policy)]
    ledger.append(
        actor=actor,
        verb="policy.activated",
        subject=f"policy:{version.version}",
        facts={
            "version": version.version,
            "environment": policy.environment,
            "voided": voided,
            "signed_by": list(signed_by),
        },
        documents={"policy": version.sha256, "signature": version.signature_sha256},
    )
    live.changed("queue", "policy")


def would_void(policy: Policy) -> list[ApprovalRequest]:
    """What a policy voids: all requests that could still run, but those that it accepts and whose floor stays."""
    return [request for request in _open_requests() if not _stands(request, policy)]


def audience_edits(environment: str) -> list[edits.Edit]:
    """What the registry must say for the policy service to speak to the one executor that a policy is for."""
    wanted = bundles.audience_for(environment)
    service = registry.current().service("policy")
    return [] if service is None or service.audience == wanted else [edits.audience(wanted)]


def _open_requests() -> list[ApprovalRequest]:
    """Pending ones, and granted ones that have not begun and still may."""
    rows = ApprovalRequest.objects.select_related("change").order_by("pk")
    granted = rows.filter(state=RequestState.GRANTED, execute_by__gt=clock.now())
    return [*rows.filter(state=RequestState.PENDING), *(request for request in granted if not _has_begun(request))]


def _has_begun(request: ApprovalRequest) -> bool:
    return Entry.objects.filter(verb="run.intended", mentions__subject=f"change:{request.change_id}").exists()


def _stands(request: ApprovalRequest, policy: Policy) -> bool:
    if request.policy_sha256 not in policy.accepts:
        return False
    older = PolicyVersion.objects.filter(sha256=request.policy_sha256).first()
    if older is None:
        return False
    change = parse_change(ledger.fetch(request.change_id))
    return _floor(change, parse_policy(ledger.fetch(older.sha256))) == _floor(change, policy)


def _floor(change: Change, policy: Policy) -> Requirement:
    return replace(requirement(change, policy), sentence="")
