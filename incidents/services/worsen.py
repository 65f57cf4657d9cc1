"""An alert of an open incident got worse, and the incident with it."""

from core import live
from incidents.desk import Desk
from incidents.events import level
from incidents.models import Alert


def worsen(desk: Desk, alert: Alert) -> None:
    """Give an alert's incident its severity where that is worse; an incident never gets better by itself.

    The caller holds the turn. An incident that is over stays what it was.
    """
    severity, known = level(alert.severity), desk.incident_of(alert)
    if known is None or known.severity <= severity:
        return  # as most are, seen without holding a row for each
    incident = desk.board.held(known.pk)
    if incident is None:
        return
    facts = {"was": incident.severity, "severity": severity, "title": alert.title, "service": alert.service}
    incident.severity = severity
    desk.place(incident)
    desk.enter("incident.worsened", incident.subject, facts, [f"alert:{alert.pk}"])
    live.changed("queue", incident.subject)
