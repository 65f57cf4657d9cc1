"""An alert has its incident: kept with it, and recorded."""

from audit import ledger
from core.actors import Actor
from incidents.models import Alert, Incident


def give(alert: Alert, incident: Incident, *, actor: Actor) -> None:
    """Keep which incident a live alert belongs to, in the transaction of whoever placed it, with its entry."""
    alert.incident = incident
    alert.save(update_fields=["incident"])
    facts = {
        "title": alert.title,
        "severity": alert.severity,
        "service": alert.service,
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "delivery": alert.delivery_id,
    }
    ledger.append(actor=actor, verb="alert.fired", subject=f"alert:{alert.pk}", facts=facts, about=[incident.subject])
