"""Hand out the exact statement that a person may sign about a request: once, for five minutes."""

import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction

from approvals import bundles, registry, statements
from approvals.budget import require_within_budget
from approvals.freezing import new_id
from approvals.models import ApprovalRequest, Delegation, RequestState, SigningTemplate
from approvals.permissions import grants
from approvals.requests import has_started, locked_request
from approvals.statements import Occasion, Signer
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError, WrongStateError
from core.permissions import Permission
from proof.documents import DECISIONS, Change, parse_change
from proof.limits import requirement
from proof.registry import Registry

VALID_FOR: Final = timedelta(minutes=5)
SALT_BYTES: Final = 16


@transaction.atomic
def issue_template(
    request_id: int, verdict: str, key_id: str, *, actor: Actor, comment: str = "", delegation: str = ""
) -> SigningTemplate:
    """The statement for this person, this key and this verdict; its `statement` is what gets signed.

    Args:
        request_id: which request.
        verdict: approve, reject, abstain, revoke.
        key_id: with which of their own keys they will sign.
        actor: the person.
        comment: words that the statement shall commit to; the signer's side may also fill the commitment in itself.
        delegation: digest of the signed act that lends them the right to sign here; empty for their own right.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not decide.
        WrongStateError: The request is settled, or its time is over.
        BadInputError: There is no such verdict.
        RefusedError: The key is not theirs, revoked, or does not count; they may not approve what they proposed; they
            have approved as often in this hour as the policy lets one person; or nobody lent them that right.
    """
    request = locked_request(request_id)
    grants.require(Permission.DECISION_MAKE, actor, request)
    if verdict not in DECISIONS:
        detail = f"A decision is one of {', '.join(DECISIONS)}."
        raise BadInputError(detail)
    require_open(request, verdict, actor.name)
    content, found = ledger.fetch(request.change_id), registry.current()
    change = parse_change(content)
    require_own_key(found, key_id, actor.name)
    _require_lent(delegation, actor.name)
    if verdict == "approve":
        require_disinterested(change, actor.name)
        require_within_budget(actor.name, request.change.tier)
        _require_class(found, key_id, change)

    now, salt = clock.now(), secrets.token_bytes(SALT_BYTES)
    occasion = Occasion(
        content=content,
        change=change,
        request=request.pk,
        nonce=new_id(),
        registry_version=found.version,
        issued_at=now,
        expires_at=now + VALID_FOR,
    )
    statement = statements.for_a_person(
        occasion,
        Signer(person_id=actor.name, key_id=key_id),
        decision=verdict,
        comment_commitment=statements.commitment(salt, comment),
        delegation=delegation,
    )
    return SigningTemplate.objects.create(
        nonce=occasion.nonce,
        request=request,
        person_id=actor.name,
        statement=statement,
        comment_salt=salt,
        expires_at=occasion.expires_at,
    )


def require_open(request: ApprovalRequest, verdict: str, person_id: str) -> None:
    """Decisions are taken while a request is pending; a no also after it was granted, until it is carried out.

    Raises:
        WrongStateError: It is too late, or there is nothing of this person's to revoke.
    """
    if verdict == "revoke" and request.last_said_by(person_id) != "approve":
        detail = "You have not approved this, so there is nothing to take back. You may reject it."
        raise WrongStateError(detail, state=str(request.state))
    may_still_change = request.state == RequestState.GRANTED and not has_started(request.change_id)
    if not request.is_pending and not (verdict in {"reject", "revoke"} and may_still_change):
        detail = f"Request {request.pk} is already {request.state.lower()}; nothing was signed."
        if request.state == RequestState.GRANTED and verdict in {"reject", "revoke"}:
            detail = "It has begun already; nothing was signed. Stop the agents on the incident's page if you must."
        raise WrongStateError(detail, state=str(request.state))
    if request.is_pending and request.expires_at <= clock.now():
        detail = f"The time to decide request {request.pk} is over. Ask for it again."
        raise WrongStateError(detail, state=str(request.state))


def require_disinterested(change: Change, person_id: str) -> None:
    """Whoever proposed or shaped a change may say no to it, not yes.

    Raises:
        RefusedError: They did.
    """
    proposer = {change.proposer_id} if change.proposer_kind == "person" else set()
    if person_id in {*proposer, *change.interested_persons}:
        detail = "You proposed or shaped this change, so your approval would not count. You may reject it."
        raise RefusedError(detail)


def require_own_key(found: Registry, key_id: str, person_id: str) -> None:
    """Refuse a key that the signed registry does not list as this person's, or that is revoked.

    Raises:
        RefusedError: It is not theirs, or counts no more.
    """
    key = found.key(key_id)
    if key is None or key.person_id != person_id:
        detail = "The signed registry does not list this key as yours. Enrol it first, on the keys page."
        raise RefusedError(detail, key_id=key_id)
    if key.status != "active":
        detail = "This key is revoked. Use another one, or enrol one."
        raise RefusedError(detail, key_id=key_id)


def _require_lent(delegation: str, person_id: str) -> None:
    if delegation and not Delegation.objects.filter(sidecar_sha256=delegation, delegate=person_id).exists():
        detail = "Nobody lent you the right to sign by that act. Sign in your own right, or name one of yours."
        raise RefusedError(detail)


def _require_class(found: Registry, key_id: str, change: Change) -> None:
    key, classes = found.key(key_id), requirement(change, bundles.in_force().policy).classes
    # What class an sk key's signature is of shows only when it signs: the device may check its user then.
    usable = classes | ({"ssh-sk"} if "ssh-sk-uv" in classes else set())
    if key is not None and key.key_class not in usable:
        detail = (
            f"A key of class {key.key_class} does not count for this change; it takes {', '.join(sorted(classes))}."
        )
        raise RefusedError(detail, key_id=key_id)
