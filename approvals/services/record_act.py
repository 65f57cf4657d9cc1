"""Record a signed act, and do what it says."""

import secrets

from django.db import transaction

from approvals import acts, enrolments, registry
from approvals.acts import Signed
from approvals.challenges import bound_to
from approvals.models import ActTemplate, PersonKey, SignedAct
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import RefusedError
from proof.documents import ACT_PAYLOAD, Act
from proof.signatures import SignatureError, Verified, verify_sidecar

MEDIA_TYPE = "application/json"


@transaction.atomic
def record_act(sidecar: bytes, *, session: str, actor: Actor) -> SignedAct:
    """Check a signed act against what was handed out and the signed registry, record it, and do it.

    The same act given twice is recorded once. It counts from the place that its entry gets in the ledger.

    Args:
        sidecar: act and signature (see `proof.signatures`).
        session: where it comes from; the same as asked for it.
        actor: the person who signed.

    Raises:
        NotPermittedError: This person may not.
        BadInputError: The act lacks something.
        RefusedError: The signature, the act or the key is not what it must be, or it makes no sense any more.
    """
    verified, act = _verified(sidecar, actor)
    digest = ledger.keep(ACT_PAYLOAD, verified.statement)
    if (already := SignedAct.objects.filter(pk=digest, person_id=actor.name).first()) is not None:
        return already
    template = _require_handed_out(verified.statement, act, session, actor)
    kind = acts.kind_of(act.kind)
    kind.may(act, actor)

    template.used_at = clock.now()
    template.save(update_fields=["used_at"])
    PersonKey.objects.filter(pk=act.key_id).update(last_used_at=template.used_at)
    row = SignedAct(
        statement_sha256=digest,
        sidecar_sha256=ledger.keep(MEDIA_TYPE, sidecar),
        kind=act.kind,
        subject=act.subject,
        person_id=actor.name,
        key_id=act.key_id,
        recorded_at=template.used_at,
    )
    row.entry_uid = _audit(row, act, verified.key_class, kind.verb, actor)
    row.result = kind.then(
        Signed(
            act=act,
            statement_sha256=row.statement_sha256,
            sidecar_sha256=row.sidecar_sha256,
            key_class=verified.key_class,
            entry_uid=row.entry_uid,
            actor=actor,
        )
    )
    row.save(force_insert=True)
    return row


def _verified(sidecar: bytes, actor: Actor) -> tuple[Verified, Act]:
    try:
        verified = verify_sidecar(sidecar, enrolments.with_new_keys(registry.current(), actor.name))
    except SignatureError as error:
        detail = f"The signature does not hold: {error}"
        raise RefusedError(detail) from error
    if verified.payload_type != ACT_PAYLOAD:
        detail = "This is signed as something else than an act."
        raise RefusedError(detail)
    act = acts.read(verified.statement)
    if actor.name not in {verified.person_id} & {act.person_id}:
        detail = "This is signed with somebody else's key. Sign in as yourself and sign with your own."
        raise RefusedError(detail)
    if act.key_id != verified.key_id:
        detail = "The act names another key than the one that signed it."
        raise RefusedError(detail)
    return verified, act


def _require_handed_out(data: bytes, act: Act, session: str, actor: Actor) -> ActTemplate:
    template = ActTemplate.objects.select_for_update().filter(pk=act.nonce).first()
    fits = template is not None and template.person_id == actor.name and bytes(template.statement) == data
    if template is None or not fits or not secrets.compare_digest(template.session, bound_to(session)):
        detail = "These are not the bytes that were handed out to you here. Start again and sign what is shown."
        raise RefusedError(detail)
    if template.used_at is not None:
        detail = "This act was used already. Start again."
        raise RefusedError(detail)
    if template.expires_at <= clock.now():
        detail = "Signing took longer than five minutes. Start again and read what is shown now."
        raise RefusedError(detail)
    enrolments.require_own_key(registry.current(), act.key_id, actor.name, subject=act.subject, kind=act.kind)
    return template


def _audit(row: SignedAct, act: Act, key_class: str, verb: str, actor: Actor) -> str:
    entry = ledger.append(
        actor=actor,
        verb=verb,
        subject=act.subject,
        about=[f"person:{actor.name}"],
        facts={
            "kind": act.kind,
            "key": act.key_id,
            "class": key_class,
            "particulars": {item.name: item.value for item in act.particulars},
        },
        documents={"statement": row.statement_sha256, "sidecar": row.sidecar_sha256},
    )
    return entry.uid
