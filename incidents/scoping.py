"""What a list may hold for somebody whose roles reach a part only."""

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.permissions import Permission, place, scope_of_team, scopes_read
from incidents.models import Alert, Incident, Service
from incidents.permissions import grants


def services_read(actor: Actor) -> frozenset[str] | None:
    """Slugs of the services that the actor may read about; None where that is all of them."""
    scopes = scopes_read(actor)
    if scopes is None:
        return None
    named = {scope.rpartition("/")[2] for scope in scopes if scope.startswith("service:")}
    wanted = Q(slug__in=named)
    if any(scope.startswith("team:") for scope in scopes):
        teams = Service.objects.order_by().values_list("team", flat=True).distinct()
        wanted |= Q(team__in=[team for team in teams if scope_of_team(team) in scopes])
    rows = Service.objects.filter(wanted).values_list("slug", "environment", "team")
    return frozenset(slug for slug, environment, team in rows if not place(environment, slug, team).isdisjoint(scopes))


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
