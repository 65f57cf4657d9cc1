"""Decide alone, as the policy service: have the signer rule on the stored bytes again, and record what it signs."""

from django.db import transaction

from approvals import policy_socket
from approvals.freezing import new_id
from approvals.models import ApprovalRequest, Decision, StandingApproval
from approvals.policy.replay import outcome
from approvals.policy_signer import Ask, Made
from approvals.requests import locked_request, record
from approvals.settling import judge, settle
from audit import ledger
from core import clock
from core.actors import POLICY, Actor
from core.errors import NotPermittedError, RefusedError, WrongStateError
from proof.quorum import State

MEDIA_TYPE = "application/json"


@transaction.atomic
def decide_automatically(request_id: int, *, actor: Actor, standing: StandingApproval | None = None) -> ApprovalRequest:
    """Sign an automatic decision for a pending request, if policy and limits, or a standing approval, really allow it.

    Nothing that the request's row says is believed: the signer makes the ruling again from the stored inputs under the
    policy in force, and reads the floor from the steps of the stored change.

    Raises:
        NotPermittedError: Anybody but the policy service asks.
        WrongStateError: The request is settled.
        RefusedError: Policy may not decide this alone.
    """
    request = locked_request(request_id)
    if actor != POLICY:
        detail = "Only the policy service decides alone."
        raise NotPermittedError(detail)
    if not request.is_pending:
        detail = f"Request {request_id} is already {request.state.lower()}."
        raise WrongStateError(detail, state=str(request.state))
    _record(request, policy_socket.sign(_question(request, standing.digest if standing else "")), standing)
    verdict = judge(request)
    if verdict.state is not State.GRANTED:
        detail = f"The automatic decision does not count: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
    settle(request, verdict, actor=actor)
    return request


def _question(request: ApprovalRequest, standing: str) -> Ask:
    return Ask(
        content=ledger.fetch(request.change_id),
        ruling=request.ruling,
        request=request.pk,
        nonce=new_id(),
        expires_at=request.expires_at,
        standing=standing,
    )


def _record(request: ApprovalRequest, made: Made, standing: StandingApproval | None) -> None:
    snapshot = ledger.keep(MEDIA_TYPE, made.snapshot)
    statement, sidecar = ledger.keep(MEDIA_TYPE, made.statement), ledger.keep(MEDIA_TYPE, made.sidecar)
    Decision.objects.create(
        statement_sha256=statement,
        sidecar_sha256=sidecar,
        request=request,
        change_digest=request.change_id,
        verdict="approve",
        key_id=made.key_id,
        decided_at=clock.now(),
    )
    told = outcome(request.ruling)
    facts = {"verdict": "approve", "route": str(told.route), "rule": told.rule, "sentence": told.sentence}
    documents = {"statement": statement, "sidecar": sidecar, "snapshot": snapshot}
    if standing is not None:
        facts |= {
            "route": "notify",
            "rule": "standing",
            "standing": standing.name,
            "sentence": f"Under {standing.name}.",
        }
        documents["standing"] = standing.digest
    about = [standing.subject] if standing is not None else []
    record(request, "decision.recorded", actor=POLICY, facts=facts, documents=documents, about=about)
