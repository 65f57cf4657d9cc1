"""Reads that several places share."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from core.errors import NotFoundError
from incidents.correlation.placement import NewAlert, OpenIncident
from incidents.events import Severity, Status
from incidents.models import Alert, Incident, IncidentState

OPEN_STATES = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
DOWN = (Severity.CRITICAL.value, Severity.HIGH.value)
LIVE = (Status.FIRING.value, Status.ACKNOWLEDGED.value)
MOST_CANDIDATES = 1000


def locked_incident(incident_id: int) -> Incident:
    """An incident's row, held until the transaction ends.

    Raises:
        NotFoundError: There is no such incident.
    """
    incident = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        detail = f"There is no incident {incident_id}."
        raise NotFoundError(detail)
    return incident


def incidents_with_counts() -> QuerySet[Incident]:
    """Incidents, newest first, with `alerts_count`: counted for the page's rows alone, of a storm as kept."""
    counts = Alert.objects.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(n=Count("pk"))
    counted = Coalesce(Subquery(counts.values("n"), output_field=IntegerField()), 0)
    kept = When(storm_count__gt=0, then="storm_count")
    return Incident.objects.annotate(alerts_count=Case(kept, default=counted)).order_by("-id")


def firing_services(incident: Incident) -> set[str]:
    """The services with a live alert in this incident."""
    alerts = Alert.objects.filter(incident=incident, status__in=LIVE).exclude(service="")
    return set(alerts.values_list("service", flat=True).distinct())


def candidates(alert: NewAlert, near: Collection[str], *, window: timedelta) -> list[OpenIncident]:
    """Open incidents that an alert might belong to, as values for the correlation.

    Args:
        alert: what is to be placed.
        near: its service and the services on its call path; empty where it names none.
        window: how long before the alert an incident must have been active.
    """
    live = Alert.objects.filter(status__in=LIVE, incident__isnull=False).order_by()
    recently = Q(last_activity_at__gte=alert.at - window)
    outages = live.filter(service__in=near, severity__in=DOWN).values("incident")
    recent = Incident.objects.filter(recently | Q(pk__in=outages), state__in=OPEN_STATES, storm_count=0)
    if alert.service:
        firing_near = live.filter(service__in=near).values("incident")
        recent = recent.filter(Q(service__in=near) | Q(pk__in=firing_near))
    else:
        recent = recent.filter(service="")
    incidents = list(recent.order_by("-id")[:MOST_CANDIDATES])
    firing: dict[int, set[str]] = {incident.pk: {incident.service} - {""} for incident in incidents}
    names: dict[int, set[tuple[str, str]]] = {incident.pk: set() for incident in incidents}
    down: dict[int, set[str]] = {incident.pk: set() for incident in incidents}
    inside = live.filter(incident__in=incidents)
    if alert.service:
        rows = inside.filter(service__in=near).values_list("incident_id", "service", "severity").distinct()
        for pk, service, severity in rows:
            firing[pk or 0].add(service)
            if severity in DOWN:
                down[pk or 0].add(service)
    else:
        for row in inside.filter(service="", source=alert.source)[:MOST_CANDIDATES]:
            names[row.incident_id or 0].add((row.source, rule_name(row)))
    return [
        OpenIncident(
            id=incident.pk,
            service=incident.service,
            environment=incident.environment,
            firing=frozenset(firing[incident.pk]),
            began_at=incident.began_at,
            last_activity_at=incident.last_activity_at or incident.opened_at,
            names=frozenset(names[incident.pk]),
            down=frozenset(down[incident.pk]),
        )
        for incident in incidents
    ]


def rule_name(alert: Alert) -> str:
    """What the rule that raised an alert is called; its title where the sender does not say."""
    return str(alert.labels.get("alertname") or alert.title)
