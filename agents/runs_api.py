"""Runs over HTTP: what was carried out, step by step."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.models import Run, StepRun
from agents.models.run import RunState
from core.paging import Newest
from core.permissions import scopes_read
from incidents.api import MayRead, actor_of, among, number_of
from incidents.models import Incident
from incidents.scoping import incidents_read
from incidents.serializers import instant


class MayReadRuns(MayRead):
    """Whoever may read an incident may read what was run for it: the query holds no others."""

    def has_object_permission(self, _request: Request, _view: APIView, _obj: Any) -> bool:  # noqa: ANN401 -- any noun
        """What was found may be read."""
        return True


class StepSerializer(serializers.Serializer[StepRun]):
    """One step; `found` says that the target had done it already when we looked."""

    index = serializers.IntegerField()
    direction = serializers.ChoiceField(["act", "undo"])
    title = serializers.CharField()
    command = serializers.CharField()
    state = serializers.ChoiceField(RunState.choices)
    found = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class RunSerializer(serializers.Serializer[Run]):
    """One execution of a change; `refusal` says why the executor did not begin it, if so."""

    id = serializers.IntegerField()
    incident = serializers.IntegerField(source="remediation.incident_id")
    remediation = serializers.IntegerField(source="remediation_id")
    change_digest = serializers.CharField()
    state = serializers.ChoiceField(RunState.choices)
    refusal = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    steps = StepSerializer(many=True)

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """By hand, as other lists are."""
        return {
            "id": instance.pk,
            "incident": instance.remediation.incident_id,
            "remediation": instance.remediation_id,
            "change_digest": instance.change_digest,
            "state": instance.state,
            "refusal": instance.refusal,
            "started_at": instant(instance.started_at),
            "ended_at": instant(instance.ended_at),
            "steps": [_step(step) for step in instance.steps.all()],
        }


@extend_schema(
    parameters=[
        OpenApiParameter("incident", OpenApiTypes.INT, description="Runs for this incident."),
        OpenApiParameter("state", OpenApiTypes.STR, enum=list(RunState.values), many=True, explode=True),
    ]
)
class RunList(ListAPIView[Run]):
    """Runs, newest first, with their steps."""

    permission_classes = (MayReadRuns,)
    serializer_class = RunSerializer
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Run]:
        """Those that were asked for."""
        asked = self.request.query_params
        found = _readable(self.request).filter(**among(asked.getlist("state"), RunState.values, "state"))
        if incident := asked.get("incident"):
            found = found.filter(remediation__incident_id=number_of(incident))
        return found


class RunDetail(RetrieveAPIView[Run]):
    """One run."""

    permission_classes = (MayReadRuns,)
    serializer_class = RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        """Those that may be read."""
        return _readable(self.request)


def _readable(request: Request) -> QuerySet[Run]:
    steps = Prefetch("steps", StepRun.objects.order_by("index", "started_at"))
    runs = Run.objects.select_related("remediation").prefetch_related(steps)
    actor = actor_of(request)
    if scopes_read(actor) is None:
        return runs
    incidents = incidents_read(actor, Incident.objects.all()).order_by()
    return runs.filter(remediation__incident_id__in=incidents.values("pk"))


def _step(step: StepRun) -> dict[str, Any]:
    return {
        "index": step.index,
        "direction": step.direction,
        "title": step.title,
        "command": step.command,
        "state": step.state,
        "found": step.found,
        "started_at": instant(step.started_at),
        "ended_at": instant(step.ended_at),
    }
