"""Leave a stage for later: give the lease back and say when to look again."""

from datetime import timedelta

from django.db import transaction

from agents.leases import Lease, give_back, locked, renew
from agents.models import Remediation
from agents.moves import DOING_LIMIT, announce, shortened
from core import clock


@transaction.atomic
def pause(lease: Lease, *, for_s: float | None, doing: str, counts: bool = False) -> Remediation:
    """Give the stage back until `for_s` seconds from now, or until somebody else moves it (None).

    `counts` says whether this was a failed attempt; a wait that is part of the plan is not.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = locked(lease)
    give_back(remediation)
    if not counts:
        remediation.attempts = 0
    remediation.doing = shortened(doing, DOING_LIMIT)
    remediation.due_at = clock.now() + timedelta(seconds=for_s) if for_s is not None else None
    remediation.save(update_fields=["lease_owner", "lease_until", "attempts", "doing", "due_at"])
    announce(remediation)
    return remediation


@transaction.atomic
def say(lease: Lease, doing: str) -> None:
    """Say in one sentence what is being done now, and hold on to the lease.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    renew(lease)
    sentence = shortened(doing, DOING_LIMIT)
    if Remediation.objects.filter(pk=lease.remediation_id).exclude(doing=sentence).update(doing=sentence):
        announce(Remediation.objects.get(pk=lease.remediation_id))
