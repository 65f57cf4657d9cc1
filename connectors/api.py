"""Sources and deliveries over HTTP, under /api/v1/."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors import selectors
from connectors.finding import source_of
from connectors.models import Delivery, DeliveryState, Source
from connectors.permissions import grants
from connectors.serializers import (
    ConfirmationSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    SourceSerializer,
)
from connectors.services.confirm_topic import confirm_topic
from connectors.services.replay import replay
from core.errors import BadInputError
from core.paging import BySlug, Newest
from core.permissions import Permission
from incidents.api import actor_of, require_scope
from incidents.idempotency import once
from people.authentication import acting, has_scope

READ_SCOPE, WRITE_SCOPE = "sources:read", "sources:write"


class MayRead(BasePermission):
    """Everybody with a role for the whole installation; a token needs a scope of sources."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        actor = acting(request)
        scoped = has_scope(request, READ_SCOPE) or has_scope(request, WRITE_SCOPE)
        return actor is not None and scoped and grants.allow(Permission.SOURCE_READ, actor)


class SourceList(ListAPIView[Source]):
    """Sources, with how each is doing."""

    permission_classes = (MayRead,)
    serializer_class = SourceSerializer
    pagination_class = BySlug
    queryset = Source.objects.all()

    def paginate_queryset(self, queryset: Any) -> Any:  # noqa: ANN401 -- the base's signature
        """A page of them, judged."""
        page = super().paginate_queryset(queryset)
        return selectors.doing(page) if page is not None else None


class SourceDetail(APIView):
    """One source."""

    permission_classes = (MayRead,)

    @extend_schema(responses=SourceSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """How it is doing."""
        return Response(_as_json(source_of(slug)))


class SourceConfirmations(APIView):
    """Confirming that a topic of SNS may post to a source."""

    permission_classes = (MayRead,)

    @extend_schema(request=ConfirmationSerializer, responses={201: SourceSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Confirm the topic that is named, if it asked; once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        given = ConfirmationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        topic = given.validated_data["topic_arn"]
        return once(request, actor, lambda: Response(_as_json(confirm_topic(slug, topic, actor=actor)), status=201))


@extend_schema(
    parameters=[
        OpenApiParameter("state", OpenApiTypes.STR, enum=list(DeliveryState.values), description="In any case."),
        OpenApiParameter("source", OpenApiTypes.STR, description="Slug of the source."),
    ]
)
class DeliveryList(ListAPIView[Delivery]):
    """Deliveries, newest first; `state=dead` are the dead letters with their reasons."""

    permission_classes = (MayRead,)
    serializer_class = DeliverySerializer
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Delivery]:
        """Those that were asked for."""
        found = _deliveries().defer("body")
        if state := self.request.query_params.get("state"):
            if state.upper() not in DeliveryState.values:
                detail = f"There is no state {state[:40]!r}; there are {', '.join(DeliveryState.values)}."
                raise BadInputError(detail)
            found = found.filter(state=state.upper())
        if slug := self.request.query_params.get("source"):
            found = found.filter(source=source_of(slug))
        return found


class DeliveryDetail(RetrieveAPIView[Delivery]):
    """One delivery with what was received."""

    permission_classes = (MayRead,)
    serializer_class = DeliveryDetailSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[Delivery]:
        """All of them."""
        return _deliveries()


class DeliveryReplays(APIView):
    """Reading a delivery again."""

    permission_classes = (MayRead,)

    @extend_schema(request=None, responses={201: DeliverySerializer})
    def post(self, request: Request, uid: str) -> Response:
        """Put it back into the inbox, once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)

        def deed() -> Response:
            replay(uid, actor=actor)
            return Response(dict(DeliverySerializer(_deliveries().get(uid=uid)).data), status=201)

        return once(request, actor, deed)


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("source").annotate(size_bytes=Length("body"))


def _as_json(source: Source) -> dict[str, Any]:
    (judged,) = selectors.doing([source])
    return dict(SourceSerializer(judged).data)


urlpatterns = [
    path("deliveries/", DeliveryList.as_view(), name="deliveries"),
    path("deliveries/<slug:uid>/", DeliveryDetail.as_view(), name="delivery"),
    path("deliveries/<slug:uid>/replays/", DeliveryReplays.as_view(), name="delivery-replays"),
    path("sources/", SourceList.as_view(), name="sources"),
    path("sources/<slug:slug>/", SourceDetail.as_view(), name="source"),
    path("sources/<slug:slug>/confirmations/", SourceConfirmations.as_view(), name="source-confirmations"),
]
