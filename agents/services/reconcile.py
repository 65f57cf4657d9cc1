"""Find work that nobody does: it is due, its worker died, or its request was settled without anybody noticing."""

from django.db.models import Q

from agents.models import Remediation
from agents.models.remediation import WORKING
from agents.moves import wake
from approvals.models import ApprovalRequest, RequestState
from core import clock


def reconcile() -> list[int]:
    """Ring for everything that could go on; returns the ids. Ringing twice is harmless: a lease lets one worker in."""
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Q(due_at__lte=now) | Q(lease_until__lt=now)
    settled = ApprovalRequest.objects.exclude(state=RequestState.PENDING).values("pk")
    unnoticed = Q(state="AWAITING_APPROVAL", request_id__in=settled)
    found = Remediation.objects.filter(free, due | unnoticed, state__in=WORKING).order_by("due_at", "pk")[:500]
    rung = []
    for remediation in found:
        wake(remediation)
        rung.append(remediation.pk)
    return rung
