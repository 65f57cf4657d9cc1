"""End a remediation without a remedy."""

from contextlib import suppress

from django.db import transaction

from agents.models import Remediation
from agents.models import RemediationState as S
from agents.moves import NOTE_LIMIT, record_move, shortened
from approvals.models import ApprovalRequest, RequestState
from approvals.services.withdraw import withdraw
from core.actors import Actor
from core.errors import WrongStateError
from incidents.services.call_person import call_person

REASONS = frozenset(
    {
        "rejected",
        "expired",
        "unknown-cause",
        "taken-over",
        "could-not-act",
        "compensation-failed",
        "observe-only",
        "recovered",
    }
)
# Somebody has it already, or nothing is wrong any more.
CALLS_NOBODY = frozenset({"taken-over", "recovered"})


@transaction.atomic
def fail(remediation_id: int, *, actor: Actor, reason: str, note: str) -> Remediation:
    """End it, say why, and call a person where one is needed. Ending it twice changes nothing."""
    remediation = Remediation.objects.select_for_update().get(pk=remediation_id)
    if not remediation.is_live:
        return remediation
    if reason not in REASONS:
        detail = f"{reason!r} is no reason to fail; one of {', '.join(sorted(REASONS))} is."
        raise ValueError(detail)

    failed_in = str(remediation.state)
    remediation.fail()
    remediation.reason = reason
    remediation.note = shortened(note, NOTE_LIMIT)
    record_move(
        remediation,
        actor=actor,
        verb="remediation.failed",
        due_at=None,
        facts={"reason": reason, "note": remediation.note, "in": failed_in},
    )
    if failed_in == S.AWAITING_APPROVAL:
        _withdraw_request(remediation, actor=actor)
    if reason not in CALLS_NOBODY:
        call_person(remediation.incident_id, actor=actor, why=remediation.note)
    return remediation


def _withdraw_request(remediation: Remediation, *, actor: Actor) -> None:
    """Nobody should sign what will not run."""
    request = ApprovalRequest.objects.filter(pk=remediation.request_id or 0).first()
    if request is not None and request.state in {RequestState.PENDING, RequestState.GRANTED}:
        with suppress(WrongStateError):  # somebody settled it in this very moment
            withdraw(request.pk, actor=actor, why=remediation.note)
