"""Decide alone, as the policy service: ask the policy again about the stored bytes, and sign what it says."""

from django.db import transaction

from approvals import bundles, registry, statements
from approvals.bundles import ActivePolicy
from approvals.freezing import new_id
from approvals.models import ApprovalRequest, Decision
from approvals.policy import Ruling
from approvals.policy.replay import outcome, replay
from approvals.requests import locked_request, record
from approvals.settling import judge, settle
from approvals.statements import Occasion
from audit import keystore, ledger
from core import clock
from core.actors import POLICY, Actor
from core.errors import NotPermittedError, RefusedError, WrongStateError
from proof import canonical
from proof.documents import Change, parse_change
from proof.keys import spki_id
from proof.limits import requirement
from proof.quorum import State
from proof.signatures import sign_envelope

MEDIA_TYPE = "application/json"


@transaction.atomic
def decide_automatically(request_id: int, *, actor: Actor) -> ApprovalRequest:
    """Sign an automatic decision for a pending request, if policy and limits really allow it.

    Nothing that the request's row says is believed: the ruling is made again from the stored inputs under the policy
    in force, and the floor is read from the steps of the stored change.

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
    policy, content = bundles.in_force(), ledger.fetch(request.change_id)
    ruling = _ruled_again(request, parse_change(content), policy)

    _sign(request, content, ruling)
    verdict = judge(request)
    if verdict.state is not State.GRANTED:
        detail = f"The automatic decision does not count: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
    settle(request, verdict, actor=actor)
    return request


def _ruled_again(request: ApprovalRequest, change: Change, policy: ActivePolicy) -> Ruling:
    ruling = replay({**request.ruling, "rules": policy.policy.rules})
    floor = requirement(change, policy.policy)
    if ruling.route.asks_people or not floor.may_auto or ruling != outcome(request.ruling):
        detail = f"Policy may not decide this alone: {ruling.sentence} {floor.sentence}"
        raise RefusedError(detail)
    return ruling


def _sign(request: ApprovalRequest, content: bytes, ruling: Ruling) -> None:
    private, now = keystore.private("policy"), clock.now()
    key_id = spki_id(private.public_key())
    snapshot = ledger.keep(MEDIA_TYPE, canonical.dumps(request.ruling["snapshot"]))
    occasion = Occasion(
        content=content,
        change=parse_change(content),
        request=request.pk,
        nonce=new_id(),
        registry_version=registry.current().version,
        issued_at=now,
        expires_at=request.expires_at,
    )
    statement = statements.for_the_policy(occasion, route=str(ruling.route), key_id=key_id, snapshot_sha256=snapshot)
    sidecar = ledger.keep(MEDIA_TYPE, sign_envelope(private, statement))
    decision = Decision.objects.create(
        statement_sha256=ledger.keep(MEDIA_TYPE, statement),
        sidecar_sha256=sidecar,
        request=request,
        change_digest=request.change_id,
        verdict="approve",
        key_id=key_id,
        decided_at=now,
    )
    record(
        request,
        "decision.recorded",
        actor=POLICY,
        facts={"verdict": "approve", "route": str(ruling.route), "rule": ruling.rule, "sentence": ruling.sentence},
        documents={"statement": decision.statement_sha256, "sidecar": sidecar, "snapshot": snapshot},
    )
