"""Withdraw a request: whoever asked no longer asks."""

import unicodedata

from django.db import transaction
from django_fsm import can_proceed

from approvals.models import ApprovalRequest
from approvals.permissions import grants
from approvals.requests import has_started, locked_request, record
from core import clock
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from core.permissions import Permission


@transaction.atomic
def withdraw(request_id: int, *, actor: Actor, why: str = "") -> ApprovalRequest:
    """Withdraw a request that is pending, or granted and not yet carried out.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor is neither an agent nor an operator.
        WrongStateError: It is settled in another way, or was begun.
        BadInputError: A person gives no reason.
    """
    request = locked_request(request_id)
    grants.require(Permission.CHANGE_WITHDRAW, actor, request)
    if actor.is_person and not why.strip():
        detail = "Say why you withdraw it; whoever was asked reads it."
        raise BadInputError(detail)
    if not can_proceed(request.withdraw) or has_started(request.change_id):
        detail = f"Request {request_id} is already {request.state.lower()}, or was begun."
        raise WrongStateError(detail, state=str(request.state))

    request.withdraw()
    request.settled_at = clock.now()
    request.save(update_fields=["state", "settled_at"])

    record(request, "request.withdrawn", actor=actor, facts={"why": unicodedata.normalize("NFC", why)})
    return request
