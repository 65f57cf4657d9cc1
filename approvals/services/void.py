"""Void a request: the change or the policy under it is no longer what was asked about."""

from django.db import transaction
from django_fsm import can_proceed

from approvals.models import ApprovalRequest, RequestState
from approvals.requests import has_started, locked_request, record
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


def void_pending(*, actor: Actor, why: str) -> list[int]:
    """Void every pending request, and return their ids."""
    pending = ApprovalRequest.objects.filter(state=RequestState.PENDING).order_by("pk")
    return [void(pk, actor=actor, why=why).pk for pk in list(pending.values_list("pk", flat=True))]


def void_older(change_uid: str, *, actor: Actor, why: str, but: int) -> list[int]:
    """Void the other requests about versions of one change that are open or granted and not begun; their ids."""
    others = ApprovalRequest.objects.filter(
        change__uid=change_uid, state__in=[RequestState.PENDING, RequestState.GRANTED]
    ).exclude(pk=but)
    waiting = [one for one in others.order_by("pk") if not has_started(one.change_id)]
    return [void(one.pk, actor=actor, why=why).pk for one in waiting]
