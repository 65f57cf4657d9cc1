"""Give a live alert its incident: join the one it belongs to, or open one."""

from datetime import datetime

from core import clock, live
from incidents.autonomy import least
from incidents.correlation.placement import NewAlert, Placement, place
from incidents.correlation.titles import sentence
from incidents.desk import Desk
from incidents.events import level
from incidents.firing import give
from incidents.models import Alert, Incident
from incidents.selectors import LIVE, rule_name
from incidents.services.gather_storm import gather_storm


def settle_in(
    desk: Desk, alert: Alert, *, source_autonomy: str, at: datetime | None = None, into: Placement | None = None
) -> Incident:
    """Correlate a live alert. The caller holds the turn, so no other alert is being placed meanwhile.

    `at` is the time to place it by, where that is not its event time; `into` the incident
    that it goes to if that is still open, with the reason.
    """
    placement = into or Placement(incident_id=None, why="")
    incident = desk.board.held(placement.incident_id) if placement.incident_id else None
    if incident is None:
        asked = NewAlert(
            service=alert.service,
            environment=alert.environment,
            source=alert.source,
            name=rule_name(alert),
            at=at or alert.last_event_at,
        )
        placement = place(asked, desk.board.offered(asked), desk.topology, clock.now())
        incident = desk.board.row(placement.incident_id) if placement.incident_id else None
    storm = gather_storm(desk, alert) if incident is None else None
    if storm is not None:
        return storm
    if incident is None:
        incident = _open(desk, alert, source_autonomy=source_autonomy, placement=placement, at=at)
    else:
        _join(desk, incident, alert, source_autonomy=source_autonomy)
    _record(desk, incident, alert, placement)
    return incident


def _open(desk: Desk, alert: Alert, *, source_autonomy: str, placement: Placement, at: datetime | None) -> Incident:
    now = clock.now()
    incident = Incident.objects.create(
        title=sentence(alert.title, alert.service),
        severity=level(alert.severity),
        service=alert.service,
        services=[alert.service] if alert.service else [],
        environment=alert.environment,
        autonomy=least(source_autonomy, desk.autonomy_of(alert.service)),
        opened_at=now,
        began_at=min(alert.starts_at or now, now),
        last_activity_at=max(alert.last_seen_at, at or alert.last_seen_at),
    )
    facts = {
        "title": incident.title,
        "severity": incident.severity,
        "service": incident.service,
        "environment": incident.environment,
        "autonomy": incident.autonomy,
        "why": placement.why,
    }
    desk.enter("incident.opened", incident.subject, facts, [incident.subject])
    desk.board.opened(incident)
    if desk.storm is not None:
        desk.storm.opened += 1
    return incident


def _join(desk: Desk, incident: Incident, alert: Alert, *, source_autonomy: str) -> None:
    """The incident follows the deepest firing service, the worst severity and the least autonomy."""
    firing = desk.board.services(incident) | ({alert.service} - {""})
    service = desk.board.deepest(firing, incident.service)
    if service != incident.service:
        incident.title = sentence(_title_for(desk, incident, alert, service), service)
        incident.service = service
    incident.services = sorted({*incident.services, *firing})
    incident.severity = min(incident.severity, level(alert.severity))
    incident.environment = incident.environment or alert.environment
    incident.autonomy = least(incident.autonomy, source_autonomy, desk.autonomy_of(incident.service))
    incident.began_at = min(incident.began_at, alert.starts_at or incident.began_at)
    incident.last_activity_at = max(incident.last_activity_at or alert.last_seen_at, alert.last_seen_at)
    desk.place(incident)


def _title_for(desk: Desk, incident: Incident, alert: Alert, service: str) -> str:
    if alert.service == service:
        return alert.title
    desk.write()
    other = incident.alerts.filter(service=service, status__in=LIVE).order_by("id").first()
    return other.title if other is not None else incident.title


def _record(desk: Desk, incident: Incident, alert: Alert, placement: Placement) -> None:
    give(desk, alert, incident, why=placement.why if placement.incident_id is not None else "")
    live.changed("queue", incident.subject)
