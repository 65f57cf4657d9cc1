"""Say that the symptom is gone."""

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
def resolve(incident_id: int, *, actor: Actor, why: str) -> Incident:
    """Resolve an incident, with the reason in a sentence.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is a person without the operator's role.
        WrongStateError: It is already resolved or closed.
    """
    incident = locked_incident(incident_id)
    grants.require(Permission.INCIDENT_RESOLVE, actor, incident)
    if not can_proceed(incident.resolve):
        detail = f"{incident.number} is already {incident.state.lower()}."
        raise WrongStateError(detail, state=str(incident.state))

    incident.resolve()
    incident.resolved_at = clock.now()
    incident.resolved_by = actor.id
    incident.save(update_fields=["state", "resolved_at", "resolved_by"])

    ledger.append(
        actor=actor,
        verb="incident.resolved",
        subject=incident.subject,
        facts={"why": why},
        about=[incident.subject],
    )
    live.changed("queue", incident.subject)
    return incident
