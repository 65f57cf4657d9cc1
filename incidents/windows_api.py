"""Maintenance windows and change freezes over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.errors import BadInputError, NotFoundError
from core.paging import Newest
from incidents.api import WRITE_SCOPE, MayRead, actor_of, require_scope
from incidents.idempotency import once
from incidents.models import MaintenanceWindow
from incidents.services.end_window import end_window
from incidents.services.extend_window import extend_window
from incidents.services.open_window import WindowPlan, open_window
from incidents.windows import hides, windows_read

STATES = ("planned", "open", "over")


class WindowSerializer(serializers.ModelSerializer[MaintenanceWindow]):
    """A window, with what it hides."""

    state = serializers.SerializerMethodField()
    hides = serializers.SerializerMethodField()

    class Meta:
        model = MaintenanceWindow
        fields: ClassVar = [
            "id",
            "kind",
            "state",
            "why",
            "services",
            "environment",
            "labels",
            "starts_at",
            "until",
            "opened_by",
            "opened_at",
            "ended_by",
            "ended_at",
            "settled_at",
            "came_back",
            "hides",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, window: MaintenanceWindow) -> str:
        """By the clock of the console."""
        return window.state(clock.now())

    @extend_schema_field(serializers.DictField())
    def get_hides(self, window: MaintenanceWindow) -> dict[str, Any]:
        """Counted, never left out: hidden is not lost."""
        found = hides(window)
        return {"now": found.now, "in_all": found.in_all, "worst": found.worst, "examples": list(found.examples)}


class NewWindow(serializers.Serializer[Any]):
    """A window that is asked for. `starts_at` is now where it is left out."""

    kind = serializers.ChoiceField(choices=["maintenance", "freeze"], default="maintenance")
    why = serializers.CharField(max_length=300)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    until = serializers.DateTimeField()
    services = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=200)
    environment = serializers.CharField(max_length=80, required=False, allow_blank=True)
    labels = serializers.DictField(child=serializers.CharField(max_length=200), required=False)


@extend_schema(parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=STATES)])
class WindowList(ListAPIView[MaintenanceWindow]):
    """Maintenance windows and freezes, newest first."""

    permission_classes = (MayRead,)
    serializer_class = WindowSerializer
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[MaintenanceWindow]:
        """Those in the state that was asked for, or all."""
        windows = windows_read(actor_of(self.request), MaintenanceWindow.objects.all())
        state = self.request.query_params.get("state")
        if not state:
            return windows
        if state not in STATES:
            detail = f"There is no state {state[:40]!r}; there are {', '.join(STATES)}."
            raise BadInputError(detail)
        now = clock.now()
        begun = windows.filter(ended_at__isnull=True, settled_at__isnull=True, until__gt=now)
        if state == "open":
            return begun.filter(starts_at__lte=now)
        return begun.filter(starts_at__gt=now) if state == "planned" else windows.exclude(pk__in=begun.values("pk"))

    @extend_schema(request=NewWindow, responses={201: WindowSerializer})
    def post(self, request: Request) -> Response:
        """Plan a window, or open it at once; once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        asked = NewWindow(data=request.data)
        asked.is_valid(raise_exception=True)
        given = {**asked.validated_data, "services": tuple(asked.validated_data.get("services", ()))}

        def deed() -> Response:
            window = open_window(WindowPlan(**given), actor=actor)
            return Response(dict(WindowSerializer(window).data), status=201)

        return once(request, actor, deed)


class WindowDetail(APIView):
    """One window."""

    permission_classes = (MayRead,)

    @extend_schema(responses=WindowSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The window, with what it hides."""
        window = windows_read(actor_of(request), MaintenanceWindow.objects.filter(pk=pk)).first()
        if window is None:
            detail = f"There is no maintenance window {pk}."
            raise NotFoundError(detail)
        return Response(WindowSerializer(window).data)


class WindowEnding(APIView):
    """Ending a window before its time."""

    permission_classes = (MayRead,)

    @extend_schema(request=None, responses={201: WindowSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """End it now; what still fires behind it is judged anew. Once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)

        def deed() -> Response:
            return Response(dict(WindowSerializer(end_window(pk, actor=actor)).data), status=201)

        return once(request, actor, deed)


class NewEnd(serializers.Serializer[Any]):
    """When it shall end."""

    until = serializers.DateTimeField()


class WindowExtension(APIView):
    """Letting a window last longer."""

    permission_classes = (MayRead,)

    @extend_schema(request=NewEnd, responses={201: WindowSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Move its end further away; once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        asked = NewEnd(data=request.data)
        asked.is_valid(raise_exception=True)

        def deed() -> Response:
            window = extend_window(pk, asked.validated_data["until"], actor=actor)
            return Response(dict(WindowSerializer(window).data), status=201)

        return once(request, actor, deed)
