"""Take an incident out of the agents' hands."""

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
def take_over(incident_id: int, *, actor: Actor) -> Incident:
    """Take an incident over: the agents stop, `actor` holds it.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is not an operator.
        WrongStateError: It is resolved or closed.
    """
    incident = locked_incident(incident_id)
    grants.require(Permission.INCIDENT_TAKE_OVER, actor, incident)
    if not incident.is_open:
        detail = f"{incident.number} is already {incident.state.lower()}; there is nothing to take over."
        raise WrongStateError(detail, state=str(incident.state))

    held_before, incident.held_by = incident.held_by, actor.name
    if can_proceed(incident.acknowledge):
        incident.acknowledge()
        incident.acknowledged_at = clock.now()
        incident.acknowledged_by = actor.id
    incident.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "held_by"])

    ledger.append(
        actor=actor,
        verb="incident.taken_over",
        subject=incident.subject,
        facts={"held_before": held_before},
        about=[incident.subject],
    )
    live.changed("queue", incident.subject)
    return incident
