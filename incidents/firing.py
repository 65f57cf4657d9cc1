"""An alert has its incident: kept with it, and recorded."""

from incidents.desk import Desk
from incidents.models import Alert, Incident


def give(desk: Desk, alert: Alert, incident: Incident) -> None:
    """Keep which incident a live alert belongs to, with its entry. The caller holds the turn."""
    was_there = alert.incident_id == incident.pk
    alert.incident = incident
    desk.change(alert)
    if was_there:
        desk.forget()
    else:
        desk.gave(alert, incident)
    facts = {
        "title": alert.title,
        "severity": alert.severity,
        "service": alert.service,
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "delivery": alert.delivery_id,
    }
    desk.enter("alert.fired", f"alert:{alert.pk}", facts, [incident.subject])
