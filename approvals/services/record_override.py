"""Record a signed override: loudly, for review by others within a day."""

import unicodedata
from datetime import timedelta

from django.db import transaction

from approvals import bundles, overriding
from approvals.models import ApprovalRequest, Decision, Override, PolicyVersion, SigningTemplate
from approvals.permissions import grants
from approvals.requests import locked_request, record
from approvals.settling import judge, settle
from approvals.taking import MEDIA_TYPE, keep_signed, note_counter, require_words, taken_template, verified_of
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import RefusedError
from core.permissions import Permission
from proof.documents import Statement
from proof.signatures import Verified


@transaction.atomic
def record_override(request_id: int, sidecar: bytes, reason: str, *, actor: Actor) -> Override:
    """Check a signed override, store it, tell everybody, and let the change run if it counts.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not read it.
        RefusedError: The signature, the statement or the key is not what it must be, or it would not count.
    """
    PolicyVersion.objects.select_for_update().filter(version=1).first()  # two at once must see each other
    request = locked_request(request_id)
    grants.require(Permission.CHANGE_READ, actor, request)
    verified, statement = verified_of(sidecar, actor)
    if not statement.is_override:
        detail = "This is signed as something else than an override."
        raise RefusedError(detail)
    digest = ledger.keep(MEDIA_TYPE, verified.statement)
    if (already := Override.objects.filter(pk=digest, request=request, person_id=actor.name).first()) is not None:
        return already
    template = taken_template(verified, statement, actor, request=request)
    require_words(reason, statement.reason_commitment, template)
    problem = overriding.why_not(request, actor.name, verified.key_class)
    if problem:
        raise RefusedError(problem)

    override = _save(request, sidecar, verified, statement, template, reason)
    verdict = judge(request)
    if not verdict.override:
        detail = f"Your override would not count: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
    settle(request, verdict, actor=actor)
    return override


def _save(
    request: ApprovalRequest,
    sidecar: bytes,
    verified: Verified,
    statement: Statement,
    template: SigningTemplate,
    reason: str,
) -> Override:
    now, rules = clock.now(), bundles.in_force().policy.override
    decision = Decision.objects.create(
        request=request,
        change_digest=request.change_id,
        verdict="approve",
        is_override=True,
        key_class=verified.key_class,
        viewed_ms=statement.viewed_ms,
        sections_seen=list(statement.sections_seen),
        **keep_signed(sidecar, verified, statement, template, reason),
    )
    override = Override.objects.create(
        statement_sha256=decision.statement_sha256,
        request=request,
        person_id=statement.person_id,
        reason=reason,
        used_at=now,
        expires_at=clock.from_rfc3339(statement.issued_at) + timedelta(seconds=rules.expires_s),
        review_by=now + timedelta(seconds=rules.review_s),
    )
    facts = {
        "reason": unicodedata.normalize("NFC", reason),
        "key": verified.key_id,
        "class": verified.key_class,
        "review_by": clock.rfc3339(override.review_by),
        **note_counter(sidecar, verified.key_id),
    }
    documents = {"statement": decision.statement_sha256, "sidecar": decision.sidecar_sha256}
    by = Actor(id=f"person:{statement.person_id}")
    record(request, "override.used", actor=by, facts=facts, documents=documents, about=[f"override:{override.pk}"])
    return override
