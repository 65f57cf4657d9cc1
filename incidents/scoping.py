"""What a list may hold for somebody whose roles reach a part only."""

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.permissions import Permission, scopes_read
from incidents.models import Alert, Incident, Service
from incidents.permissions import grants


def services_read(actor: Actor) -> frozenset[str] | None:
    """Slugs of the services that the actor may read about; None where that is all of them."""
    scopes = scopes_read(actor)
    if scopes is None:
        return None
    named = {scope.rpartition("/")[2] for scope in scopes if scope.startswith("service:")}
    here = Service.objects.all() if any(scope.startswith("team:") for scope in scopes) else None
    rows = here if here is not None else Service.objects.filter(slug__in=named)
    return frozenset(row.slug for row in rows if not row.places()[0].isdisjoint(scopes))


def incidents_read(actor: Actor, incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those that touch a service that the actor may read about."""
    slugs = services_read(actor)
    if slugs is None:
        return incidents
    touching = Alert.objects.filter(service__in=slugs, incident__isnull=False).order_by().values("incident")
    return incidents.filter(Q(service__in=slugs) | Q(pk__in=touching))


def alerts_read(actor: Actor, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those of services that the actor may read about."""
    slugs = services_read(actor)
    return alerts if slugs is None else alerts.filter(service__in=slugs)


def require_read(actor: Actor, incident: Incident) -> Incident:
    """The incident, for somebody who may read it.

    Raises:
        NotPermittedError: It touches nothing that the actor may read about.
    """
    grants.require(Permission.INCIDENT_READ, actor, incident)
    return incident
