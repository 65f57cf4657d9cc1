"""Start a remediation for an incident."""

from django.db import IntegrityError, transaction

from agents.models import Remediation
from agents.models.remediation import WORKING
from agents.moves import record_move
from core import clock
from core.actors import Actor
from core.errors import NotFoundError
from incidents.models import Incident


@transaction.atomic
def start(incident_id: int, *, actor: Actor) -> Remediation | None:
    """Start what agents do about an incident; the one under way where there is one already.

    Returns None where there is nothing to do: the incident is over, or a person holds it.

    Raises:
        NotFoundError: There is no such incident.
    """
    incident = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        detail = f"There is no incident {incident_id}."
        raise NotFoundError(detail)
    live = Remediation.objects.filter(incident_id=incident_id, state__in=WORKING).first()
    if live is not None or not incident.is_open or incident.held_by:
        return live

    now = clock.now()
    remediation = Remediation(incident_id=incident_id, started_at=now)
    try:
        with transaction.atomic():
            remediation.save(force_insert=True)
    except IntegrityError:  # another worker was faster; the constraint lets only one through
        return Remediation.objects.filter(incident_id=incident_id, state__in=WORKING).first()
    record_move(remediation, actor=actor, verb="remediation.started", due_at=now, facts={"autonomy": incident.autonomy})
    return remediation
