"""Find work that nobody does: it is due, its worker died, or its request was settled without anybody noticing."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from agents.models import Remediation
from agents.models.remediation import WORKING
from agents.moves import wake
from approvals.models import ApprovalRequest, RequestState
from core import clock


def reconcile() -> list[int]:
    """Ring for everything that could go on; returns the ids. Ringing twice is harmless: a lease lets one worker in."""
    rung = []
    for remediation in _waiting(WORKING):
        wake(remediation)
        rung.append(remediation.pk)
    return rung


def due(states: Sequence[str]) -> list[int]:
    """The ids of what could go on in these states, the longest overdue first."""
    return [remediation.pk for remediation in _waiting(states)]


def _waiting(states: Sequence[str]) -> QuerySet[Remediation]:
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    overdue = Q(due_at__lte=now) | Q(lease_until__lt=now)
    settled = ApprovalRequest.objects.exclude(state=RequestState.PENDING).values("pk")
    unnoticed = Q(state="AWAITING_APPROVAL", request_id__in=settled)
    return Remediation.objects.filter(free, overdue | unnoticed, state__in=states).order_by("due_at", "pk")[:500]
