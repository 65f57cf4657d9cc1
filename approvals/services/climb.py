"""Take the steps of the ladder that are due: remind, ask the backup group, ask the managers, expire."""

from django.db import transaction

from approvals import askees
from approvals.models import ApprovalRequest, RequestTimer, TimerKind
from approvals.requests import locked_request, record
from approvals.services.expire import expire
from core import clock
from core.actors import Actor


def climb_due(*, actor: Actor) -> list[int]:
    """Take every step that is due, request by request, and return the ids of the requests that moved."""
    due = RequestTimer.objects.filter(done_at=None, due_at__lte=clock.now()).order_by("due_at", "pk")
    waiting = dict.fromkeys(due.values_list("request_id", flat=True))
    return [pk for pk in waiting if climb(pk, actor=actor)]


@transaction.atomic
def climb(request_id: int, *, actor: Actor) -> list[str]:
    """Take the steps of one request that are due, in their order, each once; the kinds of those taken.

    However far the clock has jumped, no step is left out and none is taken twice. None of them approves anything, and
    none changes how many signatures are needed.

    Raises:
        NotFoundError: There is no such request.
    """
    request, now = locked_request(request_id), clock.now()
    taken = []
    for timer in request.timers.filter(done_at=None, due_at__lte=now).order_by("due_at", "pk"):
        if request.is_pending:
            _take(request, timer, actor=actor)
            taken.append(timer.kind)
        RequestTimer.objects.filter(pk=timer.pk, done_at=None).update(done_at=now)
    return taken


def _take(request: ApprovalRequest, timer: RequestTimer, *, actor: Actor) -> None:
    if timer.kind == TimerKind.EXPIRY:
        expire(request.pk, actor=actor)
        return
    facts = {"step": timer.kind, "to": askees.still_to_decide(request)}
    verb = "request.reminded"
    if timer.kind != TimerKind.REMINDER:
        verb = "request.escalated"
        facts |= {"group": timer.group, "to": askees.members(timer.group)}
    record(request, verb, actor=actor, facts=facts)
