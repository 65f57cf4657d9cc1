"""Take a root member's signature over a draft; the one that completes it publishes it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from approvals import drafting, registry, revocations
from approvals.models import Draft, DraftSignature, DraftState, PersonKey
from approvals.permissions import grants
from approvals.roots import PAYLOADS, Progress, who_of
from approvals.services.publish_draft import publish_if_complete
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, RefusedError, WrongStateError
from core.permissions import Permission
from proof import canonical
from proof.documents import SIGNATURES
from proof.envelope import SignatureError
from proof.keys import Key
from proof.lattice import UncheckableError
from proof.multisig import MAX_BYTES, Signature, add_signature, parse_signatures, unsigned, verify_threshold


@transaction.atomic
def sign_draft(draft_id: int, signature: Mapping[str, Any], *, actor: Actor) -> Draft:
    """Check a signature over the very bytes of a draft, add it, and publish the draft if that was the last one.

    Args:
        draft_id: which draft.
        signature: a member of a signatures file (`proof.multisig`): ed25519, ssh or webauthn.
        actor: the key-admin who signs, or who hands in what the recovery key signed.

    Raises:
        NotFoundError: There is no such draft.
        NotPermittedError: The actor is no key-admin.
        WrongStateError: It is settled, waits for another, or is signed by this person already.
        BadInputError: It is not a signature.
        RefusedError: The key is not of the root, is somebody else's or revoked, or the signature is wrong.
    """
    drafting.lock()
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    grants.require(Permission.REGISTRY_SIGN, actor, draft)
    if draft is None:
        detail = f"There is no draft {draft_id}."
        raise NotFoundError(detail)
    _require_open(draft)
    data, so_far = drafting.content(draft), drafting.progress(draft)
    made = _read(signature, PAYLOADS[draft.kind], data)
    key = _require_root_key(made, so_far, actor)
    _verify(made, key, PAYLOADS[draft.kind], data)

    draft.signature_file = add_signature(bytes(draft.signature_file), made)
    draft.save(update_fields=["signature_file"])
    DraftSignature.objects.create(draft=draft, key_id=key.key_id, person_id=key.person_id or "", signed_at=clock.now())
    PersonKey.objects.filter(pk=key.key_id).update(last_used_at=clock.now())
    ledger.append(
        actor=actor,
        verb="keys.cosigned",
        subject=f"draft:{draft.pk}",
        facts={"key": key.key_id, "version": draft.version, "kind": draft.kind},
        documents={draft.kind: draft.document_sha256},
    )
    publish_if_complete(draft, actor=actor)
    live.changed("keys")
    return draft


def _require_open(draft: Draft) -> None:
    if draft.state == DraftState.WAITING:
        detail = "Another draft is open. This one has its turn when that one is settled."
        raise WrongStateError(detail)
    if draft.state != DraftState.OPEN:
        detail = f"Draft {draft.pk} is already {draft.state.lower()}. {draft.note}".strip()
        raise WrongStateError(detail)
    if draft.expires_at <= clock.now():
        detail = "The time to sign this draft is over. Ask for it again."
        raise WrongStateError(detail)


def _read(signature: Mapping[str, Any], payload_type: str, data: bytes) -> Signature:
    file = {
        "_type": SIGNATURES,
        "payload_type": payload_type,
        "payload_sha256": canonical.sha256(data),
        "signatures": [dict(signature)],
    }
    try:
        return parse_signatures(canonical.dumps(file, max_bytes=MAX_BYTES)).signatures[0]
    except (SignatureError, canonical.CanonicalError) as error:
        detail = f"This is not a signature: {error}"
        raise BadInputError(detail) from error


def _require_root_key(made: Signature, so_far: Progress, actor: Actor) -> Key:
    key = next((found for found in so_far.keys if found.key_id == made.key_id), None)
    if key is None:
        detail = "This key is not of the root that must sign this. Use another of your keys."
        raise RefusedError(detail, key_id=made.key_id)
    if key.person_id is not None and key.person_id != registry.current().canonical_person(actor.name):
        detail = "This is signed with somebody else's key. Sign in as yourself and sign with your own."
        raise RefusedError(detail, key_id=made.key_id)
    if revocations.is_revoked(key.key_id):
        detail = "This key is revoked. Use another one."
        raise RefusedError(detail, key_id=made.key_id)
    if not any(key.key_id in root.key_ids and who_of(key) not in root.signed for root in (so_far.before, so_far.after)):
        detail = "You have signed this already. It takes other people now."
        raise WrongStateError(detail)
    return key


def _verify(made: Signature, key: Key, payload_type: str, data: bytes) -> None:
    file = add_signature(unsigned(payload_type, data), made)
    try:
        verify_threshold(file, payload_type, data, [key], 1)
    except UncheckableError as error:
        detail = f"This computer cannot check the signature: {error}"
        raise RefusedError(detail) from error
    except SignatureError as error:
        detail = f"The signature does not hold: {error}"
        raise RefusedError(detail) from error
