"""Take an incident on."""

from django.db import transaction
from django_fsm import can_proceed

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import WrongStateError
from core.permissions import Permission
from incidents.models import Incident
from incidents.permissions import grants
from incidents.selectors import locked_incident


@transaction.atomic
def acknowledge(incident_id: int, *, actor: Actor) -> Incident:
    """Acknowledge an open incident on behalf of `actor`, who then holds it.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is not an operator.
        WrongStateError: The incident is no longer open.
    """
    incident = locked_incident(incident_id)
    grants.require(Permission.INCIDENT_ACKNOWLEDGE, actor, incident)
    if not can_proceed(incident.acknowledge):
        detail = f"{incident.number} is already {incident.state.lower()}."
        raise WrongStateError(detail, state=str(incident.state))

    incident.acknowledge()
    incident.acknowledged_at = clock.now()
    incident.acknowledged_by = actor.id
    incident.held_by = actor.name
    incident.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "held_by"])

    ledger.append(actor=actor, verb="incident.acknowledged", subject=incident.subject, about=[incident.subject])
    live.changed("queue", incident.subject)
    return incident
