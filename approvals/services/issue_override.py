"""Hand out the statement with which one person takes a change on themselves, alone: once, for five minutes."""

import secrets

from django.db import transaction

from approvals import overriding, registry, statements
from approvals.freezing import new_id
from approvals.models import SigningTemplate
from approvals.permissions import grants
from approvals.requests import locked_request
from approvals.services.issue_template import SALT_BYTES, VALID_FOR, require_own_key
from approvals.statements import Occasion, Signer
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotPermittedError, RefusedError
from core.permissions import Permission
from proof.documents import parse_change

LONGEST = 2_000


@transaction.atomic
def issue_override(request_id: int, key_id: str, reason: str, *, actor: Actor) -> SigningTemplate:
    """The override for this person and this key; it commits to the reason.

    Args:
        request_id: what they take on themselves.
        key_id: which of their keys they will sign with; it must check its user.
        reason: why, for everybody to read.
        actor: the person.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: A program asks, or the person may not read it.
        BadInputError: No reason, or one that is too long.
        RefusedError: They may not override here and now; the sentence says why.
    """
    request = locked_request(request_id)
    grants.require(Permission.CHANGE_READ, actor, request)
    if not actor.is_person:
        detail = "Only people override."
        raise NotPermittedError(detail)
    if not reason.strip() or len(reason) > LONGEST:
        detail = f"Say in 1 to {LONGEST} characters why this cannot wait; everybody reads it, and others review it."
        raise BadInputError(detail)
    found = registry.current()
    require_own_key(found, key_id, actor.name)
    key = found.key(key_id)
    problem = overriding.why_not(request, actor.name, key.key_class if key else "")
    if problem:
        raise RefusedError(problem)

    now, salt, content = clock.now(), secrets.token_bytes(SALT_BYTES), ledger.fetch(request.change_id)
    occasion = Occasion(
        content=content,
        change=parse_change(content),
        request=request.pk,
        nonce=new_id(),
        registry_version=found.version,
        issued_at=now,
        expires_at=now + VALID_FOR,
    )
    return SigningTemplate.objects.create(
        nonce=occasion.nonce,
        request=request,
        person_id=actor.name,
        statement=statements.for_an_override(
            occasion,
            Signer(person_id=actor.name, key_id=key_id),
            incident=request.change.incident,
            reason_commitment=statements.commitment(salt, reason),
        ),
        comment_salt=salt,
        expires_at=occasion.expires_at,
    )
