"""Put a resolved incident away."""

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
def close(incident_id: int, *, actor: Actor) -> Incident:
    """Close a resolved incident: nothing is left to do about it.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is not an operator.
        WrongStateError: It is not resolved yet, or closed already.
    """
    incident = locked_incident(incident_id)
    grants.require(Permission.INCIDENT_CLOSE, actor, incident)
    if not can_proceed(incident.close):
        detail = f"{incident.number} is {incident.state.lower()}; only a resolved incident can be closed."
        raise WrongStateError(detail, state=str(incident.state))

    incident.close()
    incident.closed_at = clock.now()
    incident.closed_by = actor.id
    incident.save(update_fields=["state", "closed_at", "closed_by"])

    ledger.append(actor=actor, verb="incident.closed", subject=incident.subject, about=[incident.subject])
    live.changed("queue", incident.subject)
    return incident
