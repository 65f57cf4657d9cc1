"""Give a live alert its incident: join the one it belongs to, or open one."""

from datetime import datetime

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from incidents import topology
from incidents.autonomy import least
from incidents.correlation.placement import MAX_HOPS, WINDOW, NewAlert, OpenIncident, Placement, place
from incidents.correlation.titles import sentence
from incidents.correlation.topology import Topology, deepest
from incidents.events import level
from incidents.firing import give
from incidents.models import Alert, Incident, Service
from incidents.selectors import LIVE, candidates, firing_services, rule_name
from incidents.services.gather_storm import gather_storm


@transaction.atomic
def settle_in(
    alert: Alert, *, source_autonomy: str, actor: Actor, at: datetime | None = None, into: Placement | None = None
) -> Incident:
    """Correlate a live alert. The caller holds the turn, so no other alert is being placed meanwhile.

    `at` is the time to place it by, where that is not its event time; `into` the incident
    that it goes to if that is still open, with the reason.
    """
    asked = NewAlert(
        service=alert.service,
        environment=alert.environment,
        source=alert.source,
        name=rule_name(alert),
        at=at or alert.last_event_at,
    )
    known = topology.snapshot()
    near = known.near(alert.service, max_hops=MAX_HOPS) if alert.service else frozenset[str]()
    placement = into or Placement(incident_id=None, why="")
    incident = _still_open(placement.incident_id)
    if incident is None:
        incident, placement = _find(asked, candidates(asked, near, window=WINDOW), known)
    storm = gather_storm(alert, actor=actor) if incident is None else None
    if storm is not None:
        return storm
    if incident is None:
        incident = _open(alert, source_autonomy=source_autonomy, placement=placement, at=at, actor=actor)
    else:
        _join(incident, alert, source_autonomy=source_autonomy, known=known)
    _record(incident, alert, placement, actor=actor)
    return incident


def _still_open(incident_id: int | None) -> Incident | None:
    held = Incident.objects.select_for_update().filter(pk=incident_id).first() if incident_id else None
    return held if held is not None and held.is_open else None


def _find(asked: NewAlert, offered: list[OpenIncident], known: Topology) -> tuple[Incident | None, Placement]:
    """Place, lock, and place again if the incident was resolved in between."""
    while True:
        placement = place(asked, offered, known, clock.now())
        if placement.incident_id is None:
            return None, placement
        incident = Incident.objects.select_for_update().get(pk=placement.incident_id)
        if incident.is_open:
            return incident, placement
        offered = [candidate for candidate in offered if candidate.id != incident.pk]


def _open(alert: Alert, *, source_autonomy: str, placement: Placement, at: datetime | None, actor: Actor) -> Incident:
    now = clock.now()
    incident = Incident.objects.create(
        title=sentence(alert.title, alert.service),
        severity=level(alert.severity),
        service=alert.service,
        services=[alert.service] if alert.service else [],
        environment=alert.environment,
        autonomy=least(source_autonomy, _autonomy_of(alert.service)),
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
    ledger.append(actor=actor, verb="incident.opened", subject=incident.subject, facts=facts, about=[incident.subject])
    return incident


def _join(incident: Incident, alert: Alert, *, source_autonomy: str, known: Topology) -> None:
    """The incident follows the deepest firing service, the worst severity and the least autonomy."""
    firing = firing_services(incident) | ({alert.service} - {""})
    service = deepest(firing, known, current=incident.service)
    if service != incident.service:
        incident.title = sentence(_title_for(incident, alert, service), service)
        incident.service = service
    incident.services = sorted({*incident.services, *firing})
    incident.severity = min(incident.severity, level(alert.severity))
    incident.environment = incident.environment or alert.environment
    incident.autonomy = least(incident.autonomy, source_autonomy, _autonomy_of(incident.service))
    incident.began_at = min(incident.began_at, alert.starts_at or incident.began_at)
    incident.last_activity_at = max(incident.last_activity_at or alert.last_seen_at, alert.last_seen_at)
    incident.save(
        update_fields=[
            "title",
            "service",
            "services",
            "severity",
            "environment",
            "autonomy",
            "began_at",
            "last_activity_at",
        ]
    )


def _title_for(incident: Incident, alert: Alert, service: str) -> str:
    if alert.service == service:
        return alert.title
    other = incident.alerts.filter(service=service, status__in=LIVE).order_by("id").first()
    return other.title if other is not None else incident.title


def _record(incident: Incident, alert: Alert, placement: Placement, *, actor: Actor) -> None:
    give(alert, incident, actor=actor)
    if placement.incident_id is not None:
        joined = {"alert": alert.pk, "title": alert.title, "service": incident.service, "why": placement.why}
        ledger.append(
            actor=actor, verb="incident.joined", subject=incident.subject, facts=joined, about=[incident.subject]
        )
    live.changed("queue", incident.subject)


def _autonomy_of(slug: str) -> str:
    """What the catalogue allows for a service; nothing but observing where it is not catalogued."""
    known = Service.objects.filter(slug=slug).values_list("autonomy", flat=True).first() if slug else None
    return known or "observe"
