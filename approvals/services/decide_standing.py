"""Sign for or against a standing approval: hand the statement out, take it back signed, and settle it."""

import secrets
import unicodedata

from django.db import transaction

from approvals import registry, standings, statements
from approvals.freezing import new_id
from approvals.models import SigningTemplate, StandingApproval, StandingDecision, StandingState
from approvals.permissions import grants
from approvals.services.issue_template import SALT_BYTES, VALID_FOR, require_own_key
from approvals.statements import Occasion, Signer
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
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, RefusedError, WrongStateError
from core.permissions import Permission
from proof.documents import Statement, parse_standing
from proof.quorum import State, Verdict
from proof.signatures import Verified

VERDICTS = ("approve", "reject", "abstain")


def locked_standing(uid: str) -> StandingApproval:
    """The row, locked until the end of the transaction.

    Raises:
        NotFoundError: There is none.
    """
    row = StandingApproval.objects.select_for_update().filter(uid=uid).first()
    if row is None:
        detail = f"There is no standing approval {uid[:12]}."
        raise NotFoundError(detail)
    return row


@transaction.atomic
def issue_standing_template(uid: str, verdict: str, key_id: str, *, actor: Actor, comment: str = "") -> SigningTemplate:
    """The statement for this person, this key and this verdict.

    Raises:
        NotFoundError: There is no such standing approval.
        NotPermittedError: The actor may not decide.
        WrongStateError: It is settled.
        BadInputError: There is no such verdict.
        RefusedError: The key is not theirs or revoked, or they asked for it themselves.
    """
    row = locked_standing(uid)
    grants.require(Permission.DECISION_MAKE, actor)
    if verdict not in VERDICTS:
        detail = f"A decision about a standing approval is one of {', '.join(VERDICTS)}."
        raise BadInputError(detail)
    _require_open(row)
    found, now, salt = registry.current(), clock.now(), secrets.token_bytes(SALT_BYTES)
    require_own_key(found, key_id, actor.name)
    _require_disinterested(row, verdict, actor)
    content = standings.content_of(row)
    occasion = Occasion(
        content=content,
        change=parse_standing(content),
        request=0,
        nonce=new_id(),
        registry_version=found.version,
        issued_at=now,
        expires_at=now + VALID_FOR,
        standing_tier=standings.verdict_of(row).tier,
    )
    return SigningTemplate.objects.create(
        nonce=occasion.nonce,
        standing=row,
        person_id=actor.name,
        statement=statements.for_a_person(
            occasion,
            Signer(person_id=actor.name, key_id=key_id),
            decision=verdict,
            comment_commitment=statements.commitment(salt, comment),
        ),
        comment_salt=salt,
        expires_at=occasion.expires_at,
    )


@transaction.atomic
def record_standing_decision(uid: str, sidecar: bytes, comment: str, *, actor: Actor) -> StandingDecision:
    """Store a signed decision about a standing approval, once, and grant or reject it if that settles it.

    Raises:
        NotFoundError: There is no such standing approval.
        NotPermittedError: The actor may not decide.
        WrongStateError: It is settled.
        BadInputError: A rejection without a reason, or a comment that is too long.
        RefusedError: The signature, the statement or the key is not what it must be, or would not count.
    """
    row = locked_standing(uid)
    grants.require(Permission.DECISION_MAKE, actor)
    verified, statement = verified_of(sidecar, actor)
    if not statement.is_about_standing or statement.change_sha256 != row.digest:
        detail = "This is signed as something else than a decision about this standing approval."
        raise RefusedError(detail)
    digest = ledger.keep(MEDIA_TYPE, verified.statement)
    if (already := row.decisions.filter(pk=digest, person_id=actor.name).first()) is not None:
        return already
    template = taken_template(verified, statement, actor, standing=row)
    _require_open(row)
    _require_disinterested(row, statement.decision, actor)
    if statement.decision == "reject" and not comment.strip():
        detail = "Say why you reject it."
        raise BadInputError(detail)
    require_words(comment, statement.comment_commitment, template)

    decision = _save(row, sidecar, verified, statement, template, comment)
    verdict = standings.verdict_of(row)
    require_counted(statement, verdict)
    _settle(row, verdict, actor=actor)
    return decision


def _require_open(row: StandingApproval) -> None:
    if row.state != StandingState.PROPOSED or row.not_after <= clock.now():
        detail = f"{row.name} is {row.state.lower()}; nothing was signed."
        raise WrongStateError(detail, state=str(row.state))


def _require_disinterested(row: StandingApproval, verdict: str, actor: Actor) -> None:
    if verdict == "approve" and row.requested_by == actor.id:
        detail = "You asked for it, so your approval would not count. You may reject it."
        raise RefusedError(detail)


def _save(
    row: StandingApproval,
    sidecar: bytes,
    verified: Verified,
    statement: Statement,
    template: SigningTemplate,
    comment: str,
) -> StandingDecision:
    decision = StandingDecision.objects.create(
        standing=row,
        verdict=statement.decision,
        **keep_signed(sidecar, verified, statement, template, comment),
    )
    facts = {
        "verdict": statement.decision,
        "key": verified.key_id,
        "class": verified.key_class,
        "comment": unicodedata.normalize("NFC", comment),
        **note_counter(sidecar, verified.key_id),
    }
    ledger.append(
        actor=Actor(id=f"person:{statement.person_id}"),
        verb="decision.recorded",
        subject=row.subject,
        about=[row.subject],
        facts=facts,
        documents={
            "statement": decision.statement_sha256,
            "sidecar": decision.sidecar_sha256,
            "standing": row.digest,
        },
    )
    return decision


def _settle(row: StandingApproval, verdict: Verdict, *, actor: Actor) -> None:
    if verdict.state is State.GRANTED:
        row.grant()
        verb = "standing.granted"
    elif verdict.state is State.REJECTED:
        row.reject()
        verb = "standing.rejected"
    else:
        return
    row.settled_at = clock.now()
    row.save(update_fields=["state", "settled_at"])
    by = sorted({person for person, _, _ in verdict.counted})
    ledger.append(
        actor=actor,
        verb=verb,
        subject=row.subject,
        facts={"name": row.name, "intent": row.intent, "by": by},
        documents={"standing": row.digest},
    )
    live.changed("queue")
