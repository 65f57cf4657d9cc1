"""Reads that several places share."""

from datetime import timedelta

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.errors import NotFoundError
from incidents.correlation.placement import NewAlert, OpenIncident
from incidents.events import Status
from incidents.models import Alert, Incident, IncidentState

OPEN_STATES = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
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
    """Incidents, newest first, each with `alerts_count`, counted for the rows of the page alone."""
    counts = Alert.objects.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(n=Count("pk"))
    counted = Coalesce(Subquery(counts.values("n"), output_field=IntegerField()), 0)
    return Incident.objects.annotate(alerts_count=counted).order_by("-id")


def firing_services(incident: Incident) -> set[str]:
    """The services with a live alert in this incident."""
    alerts = Alert.objects.filter(incident=incident, status__in=LIVE).exclude(service="")
    return set(alerts.values_list("service", flat=True).distinct())


def candidates(alert: NewAlert, *, window: timedelta) -> list[OpenIncident]:
    """Open incidents that were active shortly before an alert's event time, as values for the correlation."""
    since = alert.at - window
    recent = Incident.objects.filter(state__in=OPEN_STATES, last_activity_at__gte=since).order_by("-id")
    incidents = list(recent[:MOST_CANDIDATES])
    firing: dict[int, set[str]] = {incident.pk: {incident.service} - {""} for incident in incidents}
    names: dict[int, set[tuple[str, str]]] = {incident.pk: set() for incident in incidents}
    live = Alert.objects.filter(incident__in=incidents, status__in=LIVE).order_by()
    if alert.service:
        for pk, service in live.exclude(service="").values_list("incident_id", "service").distinct():
            if pk is not None:
                firing[pk].add(service)
    else:
        for row in live.filter(service="", source=alert.source)[:MOST_CANDIDATES]:
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
        )
        for incident in incidents
    ]


def rule_name(alert: Alert) -> str:
    """What the rule that raised an alert is called; its title where the sender does not say."""
    return str(alert.labels.get("alertname") or alert.title)
