"""Resolve an incident in which nothing fires any more."""

from django.db import transaction

from core.actors import Actor
from incidents.models import Incident
from incidents.selectors import locked_incident
from incidents.services.resolve import resolve
from incidents.services.watch_flapping import unquiet

WHY = "Every alert of it was resolved by its source."


@transaction.atomic
def resolve_if_quiet(incident_id: int, *, actor: Actor, why: str = WHY) -> Incident:
    """Resolve an open incident if no alert of it is live or flaps; else leave it as it is. Safe at any time.

    For when nobody is at work on it: agents that are resolve it themselves once they have seen the symptom go.

    Raises:
        NotFoundError: There is no such incident.
        NotPermittedError: The actor is a person without the operator's role.
    """
    incident = locked_incident(incident_id)
    if not incident.is_open or unquiet(incident.pk):
        return incident
    return resolve(incident_id, actor=actor, why=why)
