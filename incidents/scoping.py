"""What a list may hold for somebody whose roles reach a part only."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

from core.actors import Actor
from core.permissions import Permission, place, scope_of_team, scopes_read
from incidents.models import Alert, Incident, Service
from incidents.permissions import grants


class Words(Func):
    """A list of words in the database's own way."""

    template = "(%(expressions)s)"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ANN401 -- Django's signature
        """As an array."""
        return self.as_sql(compiler, connection, template="ARRAY[%(expressions)s]::text[]", **extra)


class Touches(Func):
    """Whether a JSON list holds one of some words: looked up in an index, or looked through where there is none."""

    output_field = BooleanField()
    template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
    arg_joiner = ") WHERE value IN "

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ANN401 -- Django's signature
        """By the operator for it."""
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" ?| ", **extra)


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
    if not slugs:
        return incidents.none()
    return incidents.filter(Q(service__in=slugs) | Q(Touches("services", Words(*map(Value, sorted(slugs))))))


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
