"""Say that a person is needed."""

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.permissions import Permission
from incidents.models import Incident
from incidents.permissions import grants
from incidents.selectors import locked_incident

LIMIT = 500


@transaction.atomic
def call_person(incident_id: int, *, actor: Actor, why: str) -> Incident:
    """Call a person to an incident, with the reason in a sentence. The same call again changes nothing.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is a person without the operator's role.
    """
    incident = locked_incident(incident_id)
    grants.require(Permission.INCIDENT_CALL, actor, incident)
    because = why if len(why) <= LIMIT else f"{why[: LIMIT - 1]}…"
    if incident.called_at is not None and incident.called_because == because:
        return incident

    incident.called_at = clock.now()
    incident.called_because = because
    incident.save(update_fields=["called_at", "called_because"])

    ledger.append(
        actor=actor,
        verb="person.called",
        subject=incident.subject,
        facts={"why": because},
        about=[incident.subject],
    )
    live.changed("queue", incident.subject)
    return incident
