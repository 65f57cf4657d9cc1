"""Reads that several places share."""

from functools import cache

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from core.errors import NotFoundError
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
    return _counted().all()


@cache
def _counted() -> QuerySet[Incident]:
    """Never read itself; putting it together takes as long as reading a page of it."""
    counts = Alert.objects.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(n=Count("pk"))
    counted = Coalesce(Subquery(counts.values("n"), output_field=IntegerField()), 0)
    kept = When(storm_count__gt=0, then="storm_count")
    return Incident.objects.annotate(alerts_count=Case(kept, default=counted)).order_by("-id")


def rule_name(alert: Alert) -> str:
    """What the rule that raised an alert is called; its title where the sender does not say."""
    return str(alert.labels.get("alertname") or alert.title)
