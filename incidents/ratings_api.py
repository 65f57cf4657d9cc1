"""Usefulness of alerts over HTTP."""

from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api import WRITE_SCOPE, MayRead, actor_of, require_scope
from incidents.idempotency import once
from incidents.models import Rating
from incidents.rules_api import MayReadRules
from incidents.services.rate_alert import rate_alert
from incidents.usefulness import usefulness


class RatingSerializer(serializers.ModelSerializer[Rating]):
    """A person's word on an alert."""

    class Meta:
        model = Rating
        fields: ClassVar = ["alert", "by", "verdict", "at"]
        read_only_fields = fields


class Verdict(serializers.Serializer[Any]):
    """What is said: `useful` or `noise`."""

    verdict = serializers.ChoiceField(choices=Rating.VERDICTS)


class AlertFeedback(APIView):
    """Saying whether an alert was useful."""

    permission_classes = (MayRead,)

    @extend_schema(request=Verdict, responses={201: RatingSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Rate it; the last word of a person counts. Once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        given = Verdict(data=request.data)
        given.is_valid(raise_exception=True)

        def deed() -> Response:
            rating = rate_alert(pk, given.validated_data["verdict"], actor=actor)
            return Response(dict(RatingSerializer(rating).data), status=201)

        return once(request, actor, deed)


class UsefulnessList(APIView):
    """How useful the alerts of each source are."""

    permission_classes = (MayReadRules,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, _request: Request) -> Response:
        """Each source that was rated, the noisiest first."""
        return Response({"results": [asdict(one) for one in usefulness()]})
