"""Write down, when a request is opened, what will happen to it as time passes."""

from datetime import timedelta

from approvals.models import ApprovalRequest, RequestTimer, TimerKind
from proof.documents import Policy


def start_timers(request: ApprovalRequest, policy: Policy) -> list[RequestTimer]:
    """The rows of the policy's ladder for this request; call it in the transaction that opens the request.

    A step that would come after the time to collect signatures has ended is left out.
    """
    timers = [
        RequestTimer(request=request, kind=kind, group=group, due_at=request.created_at + timedelta(seconds=after_s))
        for rung in policy.ladder
        if rung.tier == request.change.tier
        for kind, group, after_s in (
            (TimerKind.REMINDER, "", rung.reminder_s),
            (TimerKind.BACKUP, rung.backup_group, rung.backup_s),
            (TimerKind.MANAGER, rung.manager_group, rung.manager_s),
        )
        if after_s > 0
    ]
    kept = [timer for timer in timers if timer.due_at < request.expires_at]
    kept.append(RequestTimer(request=request, kind=TimerKind.EXPIRY, due_at=request.expires_at))
    return RequestTimer.objects.bulk_create(kept)
