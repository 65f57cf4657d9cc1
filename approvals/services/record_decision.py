"""Record a person's signed decision, and grant or reject the request if that settles it."""

import logging
import unicodedata

from django.db import transaction

from approvals import registry, statements
from approvals.models import ApprovalRequest, Decision, PersonKey, SigningTemplate
from approvals.permissions import grants
from approvals.requests import locked_request, record
from approvals.services.issue_template import require_disinterested, require_open
from approvals.settling import MOST_DECISIONS, judge, settle
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from proof import webauthn
from proof.documents import Statement, parse_change
from proof.quorum import Verdict
from proof.signatures import SignatureError, Verified, read_sidecar, verify_sidecar

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/json"
LONGEST_COMMENT = 4_000


@transaction.atomic
def record_decision(request_id: int, sidecar: bytes, comment: str, *, actor: Actor) -> Decision:
    """Check a signed statement against its template and the signed registry, store it, and judge the request again.

    The same statement given twice is recorded once.

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
    verified, statement = _verified(sidecar, actor)
    known = Decision.objects.filter(change_digest=statement.change_sha256, person_id=actor.name, request=request)
    digest = ledger.keep(MEDIA_TYPE, verified.statement)
    if (already := known.filter(pk=digest).first()) is not None:
        return already
    template = _require_handed_out(request, verified, statement, actor)
    _require_allowed(request, statement, comment, template)

    decision = _save(request, sidecar, verified, statement, comment, template)
    verdict = judge(request)
    _require_counted(statement, verdict)
    settle(request, verdict, actor=actor)
    return decision


def _verified(sidecar: bytes, actor: Actor) -> tuple[Verified, Statement]:
    try:
        verified = verify_sidecar(sidecar, registry.current())
    except SignatureError as error:
        detail = f"The signature does not hold: {error}"
        raise RefusedError(detail) from error
    statement = statements.read(verified.statement)
    if statement.is_automatic or actor.name not in {verified.person_id} & {statement.person_id}:
        detail = "This is signed with somebody else's key. Sign in as yourself and sign with your own."
        raise RefusedError(detail)
    if statement.key_id != verified.key_id:
        detail = "The statement names another key than the one that signed it."
        raise RefusedError(detail)
    return verified, statement


def _require_handed_out(
    request: ApprovalRequest, verified: Verified, statement: Statement, actor: Actor
) -> SigningTemplate:
    template = SigningTemplate.objects.select_for_update().filter(pk=statement.nonce, request=request).first()
    if template is None or template.person_id != actor.name:
        detail = "This statement was not handed out to you for this request. Open the request and sign there."
        raise RefusedError(detail)
    if template.used_at is not None:
        detail = "This statement was used already. Open the request again."
        raise RefusedError(detail)
    if template.expires_at <= clock.now():
        detail = "Signing took longer than five minutes. Open the request again and read what it shows now."
        raise RefusedError(detail)
    statements.require_as_handed_out(verified.statement, bytes(template.statement))
    return template


def _require_allowed(request: ApprovalRequest, statement: Statement, comment: str, template: SigningTemplate) -> None:
    require_open(request, statement.decision, statement.person_id)
    if statement.decision == "approve":
        require_disinterested(parse_change(ledger.fetch(request.change_id)), statement.person_id)
    if statement.decision == "reject" and not comment.strip():
        detail = "Say why you reject it; the next plan is made from your reason."
        raise BadInputError(detail)
    if len(comment) > LONGEST_COMMENT:
        detail = f"A comment has at most {LONGEST_COMMENT} characters."
        raise BadInputError(detail)
    if statement.comment_commitment != statements.commitment(bytes(template.comment_salt), comment):
        detail = "The comment is not the one that was signed."
        raise RefusedError(detail)
    if request.decisions.count() >= MOST_DECISIONS:
        detail = f"{MOST_DECISIONS} decisions are enough for one request."
        raise RefusedError(detail)


def _save(
    request: ApprovalRequest,
    sidecar: bytes,
    verified: Verified,
    statement: Statement,
    comment: str,
    template: SigningTemplate,
) -> Decision:
    now = clock.now()
    template.used_at = now
    template.save(update_fields=["used_at"])
    decision = Decision.objects.create(
        statement_sha256=ledger.keep(MEDIA_TYPE, verified.statement),
        sidecar_sha256=ledger.keep(MEDIA_TYPE, sidecar),
        request=request,
        change_digest=request.change_id,
        verdict=statement.decision,
        person_id=statement.person_id,
        key_id=verified.key_id,
        key_class=verified.key_class,
        viewed_ms=statement.viewed_ms,
        sections_seen=list(statement.sections_seen),
        comment=comment,
        comment_salt=bytes(template.comment_salt) if comment else b"",
        decided_at=now,
    )
    facts = {
        "verdict": statement.decision,
        "key": verified.key_id,
        "class": verified.key_class,
        "comment": unicodedata.normalize("NFC", comment),
        "viewed_ms": statement.viewed_ms,
        "sections_seen": list(statement.sections_seen),
        **_counter(sidecar, verified.key_id),
    }
    record(
        request,
        "decision.recorded",
        actor=Actor(id=f"person:{statement.person_id}"),
        facts=facts,
        documents={"statement": decision.statement_sha256, "sidecar": decision.sidecar_sha256},
    )
    return decision


def _counter(sidecar: bytes, key_id: str) -> dict[str, bool]:
    """Note the authenticator's counter. One that went back is shown and logged, and never decides."""
    proof, now = read_sidecar(sidecar).proof, clock.now()
    row = PersonKey.objects.filter(pk=key_id).first()
    if row is None:  # the row is for the pages; the registry lists the key
        return {}
    row.last_used_at = now
    went_back = False
    if isinstance(proof, webauthn.Assertion):
        count = webauthn.sign_count(proof.authenticator_data)
        went_back = max(count, row.sign_count) > 0 and count <= row.sign_count
        if went_back:
            log.warning("passkey counter went back", extra={"key": key_id, "was": row.sign_count, "is": count})
        row.sign_count = max(count, row.sign_count)
    row.save(update_fields=["last_used_at", "sign_count"])
    return {"counter_went_back": True} if went_back else {}


def _require_counted(statement: Statement, verdict: Verdict) -> None:
    """An approval that does not count is not recorded: its signer hears why, now, instead of waiting in vain."""
    mine = {(person, decision) for person, _, decision in verdict.counted}
    if statement.decision in {"approve", "reject"} and (statement.person_id, statement.decision) not in mine:
        detail = f"Your signature would not count: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
