"""Propose a change: score it, rule on it, freeze it, ask for approval; policy decides alone where it may."""

import json
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from approvals import bundles, freezing
from approvals.bundles import ActivePolicy
from approvals.drafts import ChangeDraft
from approvals.freezing import Frame
from approvals.lineage import lineage_of
from approvals.models import ApprovalRequest, Change, PolicyVersion
from approvals.permissions import grants
from approvals.policy import Route, Ruling
from approvals.requests import record
from approvals.risk import Risk, UnknownLevelError, score
from approvals.rulings import Asked, ask
from approvals.services.decide_automatically import decide_automatically
from approvals.services.void import void_pending
from audit import ledger
from core import clock
from core.actors import POLICY, Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from proof.documents import Change as ChangeDocument
from proof.limits import protected

MEDIA_TYPE = "application/vnd.countersign.change+json"
UNASKED = Ruling(route=Route.QUORUM, people=0, rule="unasked", sentence="")


@transaction.atomic
def propose(draft: ChangeDraft, *, actor: Actor) -> ApprovalRequest:
    """Freeze a draft into a change and open a request for its approval.

    The request comes back GRANTED where the policy decides alone (its key has signed), else PENDING. An older
    pending request for an earlier version of the change is voided.

    Raises:
        NotPermittedError: The actor may not propose changes.
        BadInputError: The draft does not make a change, or declares unknown risk levels.
        RefusedError: It aims at a protected target, or holds what looks like a secret.
    """
    PolicyVersion.objects.select_for_update().filter(
        version=1
    ).first()  # one at a time: the hourly allowance is counted
    grants.require(Permission.CHANGE_PROPOSE, actor, draft)
    policy, now = bundles.in_force(), clock.now()
    asked, risk, data, document = _frozen(draft, policy, now)

    request = _open(_kept(data, document, risk, draft, now), document, asked, policy, now)
    void_pending(
        actor=POLICY, why="A newer version of the change was proposed.", change_uid=document.id, but=request.pk
    )
    _write_down(request, document, asked, actor=actor)
    if asked.ruling.route.asks_people:
        return request
    return decide_automatically(request.pk, actor=POLICY)


def _frozen(draft: ChangeDraft, policy: ActivePolicy, now: datetime) -> tuple[Asked, Risk, bytes, ChangeDocument]:
    """Freeze twice: once to read the steps back as everybody will, and again with what the policy said of them."""
    try:
        risk = score(draft.factors)
    except UnknownLevelError as error:
        raise BadInputError(str(error)) from error
    expires_at, execute_by = freezing.windows(policy, risk.tier, now)
    frame = Frame(
        lineage=lineage_of(draft),
        risk=risk,
        tier=risk.tier,
        policy=policy,
        ruling=UNASKED,
        created_at=now,
        expires_at=expires_at,
        execute_by=execute_by,
        nonce=freezing.new_id(),
    )
    _, document = freezing.freeze(draft, frame)
    for target in protected(document, policy.policy):
        detail = f"{target} is protected: nothing may act on it, whoever signs."
        raise RefusedError(detail, target=target)
    asked = ask(draft, document, risk, policy, now)
    expires_at, execute_by = freezing.windows(policy, asked.tier, now)
    settled = replace(frame, tier=asked.tier, ruling=asked.ruling, expires_at=expires_at, execute_by=execute_by)
    data, document = freezing.freeze(draft, settled)
    return asked, risk, data, document


def _kept(data: bytes, document: ChangeDocument, risk: Risk, draft: ChangeDraft, now: datetime) -> Change:
    return Change.objects.create(
        digest=ledger.keep(MEDIA_TYPE, data),
        uid=document.id,
        version=document.version,
        incident=document.incident,
        intent=document.intent,
        tier=document.tier,
        score=risk.score,
        covered_by=json.dumps([sorted(place) for place in draft.places()]),
        created_at=now,
    )


def _open(
    change: Change, document: ChangeDocument, asked: Asked, policy: ActivePolicy, now: datetime
) -> ApprovalRequest:
    return ApprovalRequest.objects.create(
        change=change,
        route=asked.ruling.route,
        needed=asked.ruling.people,
        sentence=asked.ruling.sentence[:500],
        rule=asked.ruling.rule,
        policy_sha256=policy.sha256,
        ruling=asked.record(policy),
        created_at=now,
        expires_at=clock.from_rfc3339(document.expires_at),
        execute_by=clock.from_rfc3339(document.execute_by),
    )


def _write_down(request: ApprovalRequest, document: ChangeDocument, asked: Asked, *, actor: Actor) -> None:
    change = request.change
    ledger.append(
        actor=actor,
        verb="change.frozen",
        subject=f"change:{change.digest}",
        about=[change.incident],
        facts={"intent": change.intent, "tier": change.tier, "score": change.score, "version": change.version},
        documents={"change": change.digest, "policy": request.policy_sha256},
    )
    facts = {
        "route": str(asked.ruling.route),
        "needed": asked.ruling.people,
        "rule": asked.ruling.rule,
        "sentence": request.sentence,
        "tier": change.tier,
        "expires_at": document.expires_at,
    }
    record(request, "request.opened", actor=actor, facts=facts, documents={"policy": request.policy_sha256})
