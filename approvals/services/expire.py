"""Expire requests whose time to collect signatures is over; that never approves."""

from django.db import transaction

from approvals.models import ApprovalRequest, RequestState
from approvals.requests import locked_request, record
from core import clock
from core.actors import Actor


def expire_due(*, actor: Actor) -> list[int]:
    """Expire every pending request that is past its time, each in a transaction of its own, and return their ids."""
    due = ApprovalRequest.objects.filter(state=RequestState.PENDING, expires_at__lte=clock.now()).order_by("pk")
    return [pk for pk in due.values_list("pk", flat=True) if expire(pk, actor=actor)]


@transaction.atomic
def expire(request_id: int, *, actor: Actor) -> bool:
    """Expire one request if it is still pending and past its time; otherwise do nothing.

    Raises:
        NotFoundError: There is no such request.
    """
    request = locked_request(request_id)
    now = clock.now()
    if not request.is_pending or request.expires_at > now:
        return False

    request.expire()
    request.settled_at = now
    request.save(update_fields=["state", "settled_at"])

    record(request, "request.expired", actor=actor)
    return True
