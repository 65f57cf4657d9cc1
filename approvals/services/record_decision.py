"""Record a person's signed decision, and grant, reject or reopen the request if that settles it."""

import unicodedata

from django.db import transaction

from approvals.models import ApprovalRequest, Decision, SigningTemplate
from approvals.permissions import grants
from approvals.requests import locked_request, record
from approvals.services.issue_template import require_disinterested, require_open
from approvals.settling import MOST_DECISIONS, judge, settle
from approvals.taking import (
    MEDIA_TYPE,
    keep_signed,
    note_counter,
    require_counted,
    require_words,
    taken_template,
    verified_of,
)
from audit import ledger
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from proof.documents import Statement, parse_change
from proof.signatures import Verified


@transaction.atomic
def record_decision(request_id: int, sidecar: bytes, comment: str, *, actor: Actor) -> Decision:
    """Check a signed statement against its template and the signed registry, store it, and judge the request again.

    The same statement given twice is recorded once, in whatever order and however often it is sent.

    Args:
        request_id: which request.
        sidecar: statement and signature (see `proof.signatures`).
        comment: the words that the statement commits to; required for a rejection.
        actor: the person who signed.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not decide.
        WrongStateError: The request is settled, or its time is over.
        BadInputError: A rejection without a reason, or a comment that is too long.
        RefusedError: The signature, the statement or the key is not what it must be, or would not count.
    """
    request = locked_request(request_id)
    grants.require(Permission.DECISION_MAKE, actor, request)
    verified, statement = verified_of(sidecar, actor)
    if statement.is_override or statement.is_about_standing:
        detail = "This is signed as something else than a decision about this request."
        raise RefusedError(detail)
    known = Decision.objects.filter(change_digest=statement.change_sha256, person_id=actor.name, request=request)
    digest = ledger.keep(MEDIA_TYPE, verified.statement)
    if (already := known.filter(pk=digest).first()) is not None:
        return already
    template = taken_template(verified, statement, actor, request=request)
    _require_allowed(request, statement, comment, template)

    decision = _save(request, sidecar, verified, statement, template, comment)
    verdict = judge(request)
    require_counted(statement, verdict)
    settle(request, verdict, actor=actor)
    return decision


def _require_allowed(request: ApprovalRequest, statement: Statement, comment: str, template: SigningTemplate) -> None:
    require_open(request, statement.decision, statement.person_id)
    if statement.decision == "approve":
        require_disinterested(parse_change(ledger.fetch(request.change_id)), statement.person_id)
    if statement.decision == "reject" and not comment.strip():
        detail = "Say why you reject it; it is what the next person reads."
        raise BadInputError(detail)
    require_words(comment, statement.comment_commitment, template)
    if request.decisions.count() >= MOST_DECISIONS:
        detail = f"{MOST_DECISIONS} decisions are enough for one request."
        raise RefusedError(detail)


def _save(
    request: ApprovalRequest,
    sidecar: bytes,
    verified: Verified,
    statement: Statement,
    template: SigningTemplate,
    comment: str,
) -> Decision:
    decision = Decision.objects.create(
        request=request,
        change_digest=request.change_id,
        verdict=statement.decision,
        key_class=verified.key_class,
        delegation=statement.delegation,
        viewed_ms=statement.viewed_ms,
        sections_seen=list(statement.sections_seen),
        **keep_signed(sidecar, verified, statement, template, comment),
    )
    facts = {
        "verdict": statement.decision,
        "key": verified.key_id,
        "class": verified.key_class,
        "comment": unicodedata.normalize("NFC", comment),
        "viewed_ms": statement.viewed_ms,
        "sections_seen": list(statement.sections_seen),
        "delegation": statement.delegation,
        **note_counter(sidecar, verified.key_id),
    }
    record(
        request,
        "decision.recorded",
        actor=Actor(id=f"person:{statement.person_id}"),
        facts=facts,
        documents={"statement": decision.statement_sha256, "sidecar": decision.sidecar_sha256},
    )
    return decision
