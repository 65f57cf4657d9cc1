"""An alert has its incident: kept with it, and recorded."""

from typing import Any

from incidents.desk import Desk
from incidents.models import Alert, Incident


def give(desk: Desk, alert: Alert, incident: Incident, *, why: str = "") -> None:
    """Keep which incident a live alert belongs to, with its entry. The caller holds the turn.

    `why` it belongs there, where the incident was there before it.
    """
    was_there = alert.incident_id == incident.pk
    alert.incident = incident
    desk.change(alert)
    if was_there:
        desk.forget()
    else:
        desk.gave(alert, incident)
    facts: dict[str, Any] = {
        "title": alert.title,
        "severity": alert.severity,
        "service": alert.service,
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "delivery": alert.delivery_id,
    }
    facts |= {"joined": incident.pk, "why": why} if why else {}
    desk.enter("alert.fired", f"alert:{alert.pk}", facts, [incident.subject])
