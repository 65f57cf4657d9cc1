"""Void a request: the change or the policy under it is no longer what was asked about."""

from django.db import transaction
from django_fsm import can_proceed

from approvals.models import ApprovalRequest, RequestState
from approvals.requests import locked_request, record
from core import clock
from core.actors import Actor
from core.errors import NotPermittedError, WrongStateError


@transaction.atomic
def void(request_id: int, *, actor: Actor, why: str) -> ApprovalRequest:
    """Void a request that is pending or granted; signatures given to it count no more.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: A person asks; people withdraw or reject.
        WrongStateError: It is settled in another way.
    """
    request = locked_request(request_id)
    if actor.is_person:
        detail = "A request is voided by what happens to its change or policy. Withdraw or reject it instead."
        raise NotPermittedError(detail)
    if not can_proceed(request.void):
        detail = f"Request {request_id} is already {request.state.lower()}."
        raise WrongStateError(detail, state=str(request.state))

    request.void()
    request.settled_at = clock.now()
    request.save(update_fields=["state", "settled_at"])

    record(request, "request.voided", actor=actor, facts={"why": why})
    return request


def void_pending(*, actor: Actor, why: str, change_uid: str = "", but: int = 0) -> list[int]:
    """Void every pending request but one, or those about versions of one change, and return their ids."""
    pending = ApprovalRequest.objects.filter(state=RequestState.PENDING)
    if change_uid:
        pending = pending.filter(change__uid=change_uid)
    ids = list(pending.exclude(pk=but).order_by("pk").values_list("pk", flat=True))
    return [void(pk, actor=actor, why=why).pk for pk in ids]
