"""End a remediation that did not help, after every compensation that exists has run."""

from django.db import transaction
from django_fsm import can_proceed

from agents.models import Remediation
from agents.moves import NOTE_LIMIT, record_move, shortened
from audit import ledger
from core.actors import Actor
from core.errors import WrongStateError
from incidents.services.call_person import call_person
from proof.documents import parse_change


@transaction.atomic
def roll_back(remediation_id: int, *, actor: Actor, note: str) -> Remediation:
    """Record that it was rolled back and call a person.

    Raises:
        WrongStateError: Nothing was done that could be rolled back.
    """
    remediation = Remediation.objects.select_for_update().get(pk=remediation_id)
    if not can_proceed(remediation.roll_back):
        detail = f"Remediation {remediation_id} is {remediation.state}; nothing was done that could be rolled back."
        raise WrongStateError(detail, state=str(remediation.state))

    remediation.roll_back()
    remediation.note = shortened(note, NOTE_LIMIT)
    record_move(
        remediation,
        actor=actor,
        verb="remediation.rolled_back",
        due_at=None,
        facts={"note": remediation.note},
        about=[f"change:{remediation.change_digest}", *(f"target:{target}" for target in _targets(remediation))],
    )
    call_person(remediation.incident_id, actor=actor, why=remediation.note)
    return remediation


def _targets(remediation: Remediation) -> list[str]:
    """What was acted on; the executor counts what was taken back there."""
    change = parse_change(ledger.fetch(remediation.change_digest))
    return sorted({step.target for step in change.steps})
