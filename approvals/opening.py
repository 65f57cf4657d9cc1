"""Open a request for a change whose bytes are kept: row, timers, entries; policy decides alone where it may."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from approvals import bundles, standings
from approvals.models import ApprovalRequest, Change
from approvals.policy import Ruling
from approvals.policy.replay import outcome
from approvals.requests import record
from approvals.services.decide_automatically import decide_automatically
from approvals.services.start_timers import start_timers
from approvals.services.void import void_older
from audit import ledger
from core import clock
from core.actors import POLICY, Actor
from core.errors import RefusedError
from proof.documents import Change as ChangeDocument
from proof.documents import parse_change

log = logging.getLogger(__name__)

Piece = Mapping[str, Any]


def open_request(
    change: Change, ruling: dict[str, Any], *, actor: Actor, checks: Sequence[Piece] = ()
) -> ApprovalRequest:
    """Ask about a change; older requests for the same lineage that are still open are voided.

    Args:
        change: its row; everything that counts is read from its bytes.
        ruling: the stored decision of the policy about it.
        actor: who asks.
        checks: what was tried beforehand to see whether the executor can do it.

    Raises:
        RefusedError: The policy has changed since the change was frozen.
    """
    document, policy = parse_change(ledger.fetch(change.digest)), bundles.in_force()
    if document.policy_sha256 != policy.sha256:
        detail = "The policy has changed since this plan was written. Write it again."
        raise RefusedError(detail)
    ruled = outcome(ruling)
    request = _open(change, document, ruled, ruling)
    start_timers(request, policy.policy)
    why = "A newer version of the change was proposed."
    void_older(document.id, actor=POLICY, why=why, but=request.pk)
    _write_down(request, document, ruled, actor=actor, checks=checks)
    if ruled.route.asks_people:
        return _under_a_standing_approval(request, document)
    return decide_automatically(request.pk, actor=POLICY)


def _under_a_standing_approval(request: ApprovalRequest, document: ChangeDocument) -> ApprovalRequest:
    """Let it run under what people signed beforehand, where that covers it; ask people where not."""
    may_act = request.ruling["snapshot"]["autonomy"] == "act"  # where agents may only suggest, they only suggest
    standing = standings.covering(document) if may_act else None
    if standing is None:
        return request
    try:
        with transaction.atomic():
            granted = decide_automatically(request.pk, actor=POLICY, standing=standing)
    except RefusedError as error:
        log.info("standing approval not used", extra={"standing": standing.name, "detail": error.detail})
        return request
    granted.route, granted.needed, granted.rule = "notify", 0, "standing"
    granted.sentence = f"It runs under {standing.name}: {standing.intent}"[:500]
    granted.save(update_fields=["route", "needed", "rule", "sentence"])
    return granted


def _open(change: Change, document: ChangeDocument, ruled: Ruling, ruling: dict[str, Any]) -> ApprovalRequest:
    return ApprovalRequest.objects.create(
        change=change,
        route=ruled.route,
        needed=ruled.people,
        sentence=ruled.sentence[:500],
        rule=ruled.rule,
        policy_sha256=document.policy_sha256,
        ruling=ruling,
        created_at=clock.from_rfc3339(document.created_at),
        expires_at=clock.from_rfc3339(document.expires_at),
        not_before=clock.from_rfc3339(document.not_before) if document.not_before > document.created_at else None,
        execute_by=clock.from_rfc3339(document.execute_by),
    )


def _write_down(
    request: ApprovalRequest, document: ChangeDocument, ruled: Ruling, *, actor: Actor, checks: Sequence[Piece]
) -> None:
    facts = {
        "route": str(ruled.route),
        "needed": ruled.people,
        "rule": ruled.rule,
        "sentence": request.sentence,
        "tier": request.change.tier,
        "expires_at": document.expires_at,
        "not_before": document.not_before,
        "execute_by": document.execute_by,
        "checked": [str(check["sentence"]) for check in checks],
    }
    record(request, "request.opened", actor=actor, facts=facts, documents={"policy": request.policy_sha256})
