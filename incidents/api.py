"""Alerts, incidents and services over HTTP."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import ledger
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, NotSignedInError
from core.paging import BySlug, Newest
from core.permissions import Permission
from incidents.events import LEVELS, Severity, Status
from incidents.idempotency import once
from incidents.models import Alert, Incident, IncidentState, Service
from incidents.permissions import grants
from incidents.scoping import alerts_read, incidents_read, require_read, services_read
from incidents.selectors import incidents_with_counts
from incidents.serializers import AlertSerializer, IncidentSerializer, ServiceSerializer, TimelineLineSerializer
from incidents.services.acknowledge import acknowledge
from incidents.talkers import talkers
from people.authentication import acting, has_scope

READ_SCOPE, WRITE_SCOPE = "incidents:read", "incidents:write"
TIMELINE_LIMIT = 500
ALERTS_BY = ("fingerprint", "service", "source")
STATUSES = [status.value for status in Status if status is not Status.UNCLASSIFIED]
SEVERITIES = [severity.value for severity in Severity]
URGENCIES = list(LEVELS.values())


def actor_of(request: Request) -> Actor:
    """Who asks.

    Raises:
        NotSignedInError: Nobody is signed in.
    """
    actor = acting(request)
    if actor is None:
        detail = "Sign in, or send `Authorization: Bearer TOKEN`."
        raise NotSignedInError(detail)
    return actor


class MayRead(BasePermission):
    """Everybody who is signed in may read incidents and the catalogue; a token needs a scope of incidents."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        actor = acting(request)
        scoped = has_scope(request, READ_SCOPE) or has_scope(request, WRITE_SCOPE)
        return actor is not None and scoped and grants.allow(Permission.INCIDENT_READ, actor)

    def has_object_permission(self, request: Request, _view: APIView, obj: Any) -> bool:  # noqa: ANN401 -- any noun
        """Roles that are held in a part reach what belongs there."""
        return grants.allow(Permission.INCIDENT_READ, actor_of(request), obj)


@extend_schema(
    parameters=[
        OpenApiParameter("fingerprint", OpenApiTypes.STR, description="Alerts of this fingerprint, newest first."),
        OpenApiParameter("incident", OpenApiTypes.INT, description="Alerts of this incident."),
        OpenApiParameter("service", OpenApiTypes.STR, description="Slug of the service."),
        OpenApiParameter("severity", OpenApiTypes.STR, enum=SEVERITIES, many=True, explode=True),
        OpenApiParameter("source", OpenApiTypes.STR, description="Slug of the source."),
        OpenApiParameter("status", OpenApiTypes.STR, enum=STATUSES, many=True, explode=True),
    ]
)
class AlertList(ListAPIView[Alert]):
    """Alerts, newest first."""

    permission_classes = (MayRead,)
    serializer_class = AlertSerializer
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Alert]:
        """The alerts that were asked for."""
        asked = self.request.query_params
        wanted: dict[str, Any] = {name: _plain(asked[name]) for name in ALERTS_BY if asked.get(name)}
        if incident := asked.get("incident"):
            wanted["incident_id"] = number_of(incident)
        wanted |= among(asked.getlist("status"), STATUSES, "status")
        wanted |= among(asked.getlist("severity"), SEVERITIES, "severity")
        return alerts_read(actor_of(self.request), Alert.objects.filter(**wanted))


class AlertDetail(RetrieveAPIView[Alert]):
    """One alert."""

    permission_classes = (MayRead,)
    serializer_class = AlertSerializer
    queryset = Alert.objects.all()


@extend_schema(
    parameters=[
        OpenApiParameter("service", OpenApiTypes.STR, description="Slug of the service it is believed to be about."),
        OpenApiParameter("severity", OpenApiTypes.STR, enum=URGENCIES, many=True, explode=True),
        OpenApiParameter("state", OpenApiTypes.STR, enum=list(IncidentState.values), many=True, explode=True),
    ]
)
class IncidentList(ListAPIView[Incident]):
    """Incidents, newest first."""

    permission_classes = (MayRead,)
    serializer_class = IncidentSerializer
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Incident]:
        """The incidents in the states that were asked for, or all."""
        asked = self.request.query_params
        wanted = among(asked.getlist("state"), IncidentState.values, "state")
        wanted |= among(asked.getlist("severity"), URGENCIES, "severity")
        if service := asked.get("service"):
            wanted["service"] = _plain(service)
        return incidents_read(actor_of(self.request), incidents_with_counts().filter(**wanted))


class IncidentDetail(RetrieveAPIView[Incident]):
    """One incident."""

    permission_classes = (MayRead,)
    serializer_class = IncidentSerializer

    def get_queryset(self) -> QuerySet[Incident]:
        """All of them, with their counts."""
        return incidents_with_counts()


class IncidentTimeline(APIView):
    """What happened to an incident, from the ledger, oldest first."""

    permission_classes = (MayRead,)

    @extend_schema(responses=TimelineLineSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The newest lines, oldest of them first."""
        incident = require_read(actor_of(request), incident_of(pk))
        lines = ledger.timeline(incident.subject, limit=TIMELINE_LIMIT)
        return Response({"results": TimelineLineSerializer(lines, many=True).data})


class IncidentTalkers(APIView):
    """Who talks most in an incident."""

    permission_classes = (MayRead,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: int) -> Response:
        """How many alerts, and the services, sources and titles with the most."""
        return Response(asdict(talkers(require_read(actor_of(request), incident_of(pk)))))


class IncidentAcknowledgement(APIView):
    """Taking an incident on."""

    permission_classes = (MayRead,)

    @extend_schema(request=None, responses={201: IncidentSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Acknowledge, once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)

        def deed() -> Response:
            acknowledge(pk, actor=actor)
            return Response(_as_stored(incidents_with_counts().get(pk=pk)), status=201)

        return once(request, actor, deed)


class ServiceList(ListAPIView[Service]):
    """The service catalogue."""

    permission_classes = (MayRead,)
    serializer_class = ServiceSerializer
    pagination_class = BySlug

    def get_queryset(self) -> QuerySet[Service]:
        """Those that may be read."""
        slugs = services_read(actor_of(self.request))
        return Service.objects.all() if slugs is None else Service.objects.filter(slug__in=slugs)


class ServiceDetail(RetrieveAPIView[Service]):
    """One service."""

    permission_classes = (MayRead,)
    serializer_class = ServiceSerializer
    queryset = Service.objects.all()
    lookup_field = "slug"


def require_scope(request: Request, scope: str) -> None:
    """A token must carry the scope; a session acts with its person's roles."""
    if not has_scope(request, scope):
        detail = f"This token does not have the scope {scope}. Make one with `./manage.py token add --scope {scope}`."
        raise NotPermittedError(detail, scope=scope)


def incident_of(pk: int) -> Incident:
    """The incident of a number.

    Raises:
        NotFoundError: There is none.
    """
    incident = Incident.objects.filter(pk=pk).first()
    if incident is None:
        detail = f"There is no incident {pk}."
        raise NotFoundError(detail)
    return incident


def _plain(text: str) -> str:
    """A word to compare with; PostgreSQL takes no NUL in one."""
    if "\0" in text:
        detail = "A filter must not contain U+0000."
        raise BadInputError(detail)
    return text


def among(told: Sequence[str], known: Sequence[str], name: str) -> dict[str, Any]:
    """A filter for any of these words; none narrows nothing.

    Raises:
        BadInputError: One of them is not known.
    """
    unknown = set(told) - set(known)
    if unknown:
        detail = f"There is no {name} {min(unknown)[:40]!r}; there are {', '.join(known)}."
        raise BadInputError(detail)
    return {f"{name}__in": sorted(set(told))} if told else {}


def number_of(text: str) -> int:
    """The number of an incident, as a filter says it.

    Raises:
        BadInputError: It is none.
    """
    if not text.isdecimal() or len(text) > 18:
        detail = f"{text[:40]!r} is not the number of an incident."
        raise BadInputError(detail)
    return int(text)


def _as_stored(incident: Incident) -> dict[str, Any]:
    return dict(IncidentSerializer(incident).data)
