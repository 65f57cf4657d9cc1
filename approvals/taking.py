"""What every signed statement that comes in must be: a person's own, as it was handed out, unused and in time."""

import logging
from typing import Any

from approvals import registry, statements
from approvals.models import PersonKey, SigningTemplate
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from proof import webauthn
from proof.documents import Statement
from proof.quorum import Verdict
from proof.signatures import SignatureError, Verified, read_sidecar, verify_sidecar

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/json"
LONGEST_COMMENT = 4_000


def verified_of(sidecar: bytes, actor: Actor) -> tuple[Verified, Statement]:
    """A statement that this person signed with a key of their own.

    Raises:
        RefusedError: The signature does not hold, or it is somebody else's.
    """
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


def taken_template(verified: Verified, statement: Statement, actor: Actor, **about: object) -> SigningTemplate:
    """The template that a statement fills in, locked; `about` says which request or standing approval it is for.

    Raises:
        RefusedError: It was not handed out to this person for this, was used, is too old, or differs from it.
    """
    template = SigningTemplate.objects.select_for_update().filter(pk=statement.nonce, **about).first()
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


def require_words(words: str, committed: str, template: SigningTemplate) -> None:
    """Refuse words that the statement does not commit to, or too many of them.

    Raises:
        BadInputError: They are too long.
        RefusedError: They are not those that were signed.
    """
    if len(words) > LONGEST_COMMENT:
        detail = f"A comment has at most {LONGEST_COMMENT} characters."
        raise BadInputError(detail)
    if committed != statements.commitment(bytes(template.comment_salt), words):
        detail = "The comment is not the one that was signed."
        raise RefusedError(detail)


def keep_signed(
    sidecar: bytes, verified: Verified, statement: Statement, template: SigningTemplate, words: str
) -> dict[str, Any]:
    """Use a template up and keep what was signed; the columns that every row of something signed has."""
    now = clock.now()
    template.used_at = now
    template.save(update_fields=["used_at"])
    return {
        "statement_sha256": ledger.keep(MEDIA_TYPE, verified.statement),
        "sidecar_sha256": ledger.keep(MEDIA_TYPE, sidecar),
        "person_id": statement.person_id,
        "key_id": verified.key_id,
        "comment": words,
        "comment_salt": bytes(template.comment_salt) if words else b"",
        "decided_at": now,
    }


def note_counter(sidecar: bytes, key_id: str) -> dict[str, bool]:
    """Note the authenticator's counter. One that went back is shown and logged, and never decides."""
    proof, now = read_sidecar(sidecar).proof, clock.now()
    row = PersonKey.objects.filter(pk=key_id).first()
    if row is None:  # the row is for the pages; the registry lists the key
        return {}
    if not isinstance(proof, webauthn.Assertion):
        PersonKey.objects.filter(pk=key_id).update(last_used_at=now)
        return {}
    count = webauthn.sign_count(proof.authenticator_data)
    went_back = max(count, row.sign_count) > 0 and count <= row.sign_count
    if went_back:
        log.warning("passkey counter went back", extra={"key": key_id, "was": row.sign_count, "is": count})
    PersonKey.objects.filter(pk=key_id).update(last_used_at=now, sign_count=max(count, row.sign_count))
    return {"counter_went_back": True} if went_back else {}


def require_counted(statement: Statement, verdict: Verdict) -> None:
    """Refuse an approval or a rejection that does not count: its signer hears why now, instead of waiting in vain.

    Raises:
        RefusedError: It does not; nothing of it may be kept.
    """
    mine = {(person, decision) for person, _, decision in verdict.counted}
    if statement.decision in {"approve", "reject"} and (statement.person_id, statement.decision) not in mine:
        detail = f"Your signature would not count: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
