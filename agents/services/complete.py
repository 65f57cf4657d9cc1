"""End a remediation that helped."""

from django.db import transaction
from django_fsm import can_proceed

from agents.models import Remediation
from agents.moves import NOTE_LIMIT, record_move, shortened
from core.actors import Actor
from core.errors import WrongStateError
from incidents.models import Incident
from incidents.services.resolve import resolve


@transaction.atomic
def complete(remediation_id: int, *, actor: Actor, note: str) -> Remediation:
    """Complete it and resolve its incident, unless that was resolved already.

    Raises:
        WrongStateError: It is not being validated.
    """
    remediation = Remediation.objects.select_for_update().get(pk=remediation_id)
    if not can_proceed(remediation.complete):
        detail = f"Remediation {remediation_id} is {remediation.state}; only one that is being validated completes."
        raise WrongStateError(detail, state=str(remediation.state))

    remediation.complete()
    remediation.note = shortened(note, NOTE_LIMIT)
    record_move(remediation, actor=actor, verb="remediation.completed", due_at=None, facts={"note": remediation.note})
    if Incident.objects.select_for_update().get(pk=remediation.incident_id).is_open:
        resolve(remediation.incident_id, actor=actor, why=remediation.note)
    return remediation
