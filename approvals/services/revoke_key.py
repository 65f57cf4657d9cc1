"""Revoke a person's key. One signature is enough, of that person or of one key-admin: stopping must be easy."""

import unicodedata
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from approvals import acts, edits, registry, revocations
from approvals.acts import Signed
from approvals.models import ApprovalRequest, Decision, PersonKey, RequestState
from approvals.permissions import grants
from approvals.services.open_draft import open_draft
from approvals.services.void import void
from audit import ledger
from audit.models import Entry, Leaf
from core import clock
from core.actors import POLICY, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from core.permissions import Permission
from people.models import Person
from proof.documents import Act

LONGEST_REASON = 400


def may_revoke(act: Act, actor: Actor) -> None:
    """The key is listed and not revoked, and it is the signer's own, or they are a key-admin by the signed registry.

    Raises:
        BadInputError: The act is not of its form.
        NotFoundError: No such key is listed.
        NotPermittedError: It is somebody else's, and the signer is no key-admin.
        WrongStateError: It is revoked already.
    """
    key_id = acts.noun_of(act, "key")
    names = {item.name for item in act.particulars}
    if names - {"reason", "compromised_since"} or len(act.value("reason")) > LONGEST_REASON:
        detail = "A revocation says its reason, in at most 400 characters, and since when the key was not safe."
        raise BadInputError(detail)
    _since(act.value("compromised_since"))
    found = registry.current()
    key = found.key(key_id)
    if key is None or key.person_id is None:
        detail = f"No key {key_id[:12]} is listed here."
        raise NotFoundError(detail)
    if actor.name != key.person_id and actor.name not in found.admins():
        detail = "Only its person or a key-admin of the signed registry revokes a key."
        raise NotPermittedError(detail)
    if key.status != "active" or revocations.is_revoked(key_id):
        detail = "This key is revoked already."
        raise WrongStateError(detail)


@transaction.atomic
def revoke_by_act(signed: Signed) -> dict[str, Any]:
    """Let a signed revocation take effect: it counts from the place that its entry gets in the ledger.

    Approvals that were not carried out are void; what ran since the key was not safe is listed for review.
    """
    key_id, since = acts.noun_of(signed.act, "key"), _since(signed.act.value("compromised_since"))
    row = PersonKey.objects.select_for_update().filter(pk=key_id).first()
    label, person_id = (row.label, row.person_id) if row else ("", "")
    PersonKey.objects.filter(pk=key_id).update(revoked_at=clock.now(), compromised_since=since)
    voided, review = _consequences(key_id, since)
    reason = signed.act.value("reason")
    ledger.append(
        actor=signed.actor,
        verb="key.revoked",
        subject=f"key:{key_id}",
        about=[f"person:{person_id}"] if person_id else [],
        facts={"label": label, "why": reason, "since": since, "voided": voided, "review": review},
        documents={"sidecar": signed.sidecar_sha256},
    )
    _tell_registry(key_id, since, reason, actor=signed.actor)
    return {"key_id": key_id, "voided": voided, "review": review}


@transaction.atomic
def revoke_key(key_id: str, *, actor: Actor, why: str) -> PersonKey:
    """Revoke a key without a signature, by a command on this computer; it counts once the registry says so.

    Raises:
        NotFoundError: No such key.
        NotPermittedError: A person asks: people sign a revocation.
        WrongStateError: It is revoked already.
    """
    row = PersonKey.objects.select_for_update().filter(pk=key_id).first()
    if row is None:
        detail = f"No key {key_id[:12]} is enrolled here."
        raise NotFoundError(detail)
    grants.require(Permission.KEY_REVOKE, actor, Person.objects.filter(pk=row.person_id).first())
    if row.revoked_at is not None:
        detail = f"The key {row.label} is revoked already."
        raise WrongStateError(detail)

    reason = unicodedata.normalize("NFC", why)[:LONGEST_REASON]
    _tell_registry(key_id, -1, reason, actor=actor)
    row.refresh_from_db()
    return row


def index_at(moment: str) -> int:
    """The first entry of the ledger from a time on, as a revocation names it; -1 if there is none since.

    Raises:
        BadInputError: It is not a time.
    """
    at = parse_datetime(moment)
    if at is None or at.tzinfo is None:
        detail = "Name the time as 2026-11-21T14:00:00Z."
        raise BadInputError(detail)
    seq = Leaf.objects.filter(entry__at__gte=at).order_by("seq").values_list("seq", flat=True).first()
    return -1 if seq is None else seq


def _since(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        detail = "`compromised_since` is the number of a ledger entry, or empty."
        raise BadInputError(detail)
    return int(text) if text else -1


def _tell_registry(key_id: str, since: int, reason: str, *, actor: Actor) -> None:
    edit = edits.revoke(key_id, revoked_at=clock.rfc3339(clock.now()), since=since, reason=reason)
    open_draft([edit], actor=actor, why="key.revoked")


def _consequences(key_id: str, since: int) -> tuple[list[int], list[int]]:
    """Requests that are void because this key approved them, and those that ran and must be looked at again."""
    rows = Decision.objects.filter(key_id=key_id, verdict="approve").select_related("request").order_by("decided_at")
    voided: list[int] = []
    review: list[int] = []
    for decision in {row.request_id: row for row in rows}.values():
        request = decision.request
        if _has_begun(request):
            if since >= 0 and _index_of(decision) >= since:
                review.append(request.pk)
        elif request.state == RequestState.GRANTED:
            why = "A key that approved it was revoked before it ran."
            voided.append(void(request.pk, actor=POLICY, why=why).pk)
    return voided, review


def _has_begun(request: ApprovalRequest) -> bool:
    return Entry.objects.filter(verb="run.intended", mentions__subject=f"change:{request.change_id}").exists()


def _index_of(decision: Decision) -> int:
    """The place of a decision in the ledger; the end of it while it has none."""
    leaves = Leaf.objects.filter(
        entry__verb="decision.recorded",
        entry__actor=f"person:{decision.person_id}",
        entry__mentions__subject=f"change:{decision.change_digest}",
    )
    seq = leaves.order_by("-seq").values_list("seq", flat=True).first()
    return 2**53 if seq is None else seq
