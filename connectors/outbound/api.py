"""Webhooks over HTTP, under /api/v1/webhooks/: for admins alone."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors.models import Webhook
from connectors.outbound.keeping import facts_of, latest_seq, row_of, webhook_of
from connectors.outbound.serializers import (
    NewWebhookSerializer,
    ResumptionSerializer,
    RotationSerializer,
    TrialSerializer,
    WebhookDeliverySerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from connectors.permissions import grants
from connectors.services.add_webhook import Made, add_webhook
from connectors.services.pause_webhook import pause_webhook
from connectors.services.remove_webhook import remove_webhook
from connectors.services.resume_webhook import resume_webhook
from connectors.services.rotate_webhook import rotate_webhook
from connectors.services.try_webhook import try_webhook
from core.permissions import Permission
from incidents.api import actor_of, require_scope
from incidents.idempotency import once
from people.authentication import has_scope
from people.models import Person

READ_SCOPE, WRITE_SCOPE = "webhooks:read", "webhooks:write"
SHOWN = 100


class MayKeep(BasePermission):
    """Admins; a token needs a scope of webhooks."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        if not isinstance(request.user, Person):
            return False
        scoped = has_scope(request, READ_SCOPE) or has_scope(request, WRITE_SCOPE)
        return scoped and grants.allow(Permission.WEBHOOK_KEEP, request.user.as_actor())


class WebhookList(APIView):
    """All webhooks, and making one."""

    permission_classes = (MayKeep,)

    @extend_schema(responses=WebhookSerializer(many=True))
    def get(self, _request: Request) -> Response:
        """How each stands, by name."""
        latest = latest_seq()
        return Response({"results": [facts_of(one, latest) for one in Webhook.objects.order_by("name")]})

    @extend_schema(request=NewWebhookSerializer, responses={201: WebhookWithSecretSerializer})
    def post(self, request: Request) -> Response:
        """Make one. The answer holds its secret, this once: also the same `Idempotency-Key` does not tell it again."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        given = NewWebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        return _told_once(
            request, lambda: add_webhook(asked["name"], asked["url"], asked["events"], actor=actor), status=201
        )


class WebhookDetail(APIView):
    """One webhook."""

    permission_classes = (MayKeep,)

    @extend_schema(responses=WebhookSerializer)
    def get(self, _request: Request, name: str) -> Response:
        """How it stands."""
        return Response(_as_json(webhook_of(name)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Forget it."""
        require_scope(request, WRITE_SCOPE)
        remove_webhook(name, actor=actor_of(request))
        return Response(status=204)


class WebhookPauses(APIView):
    """Stopping for a while."""

    permission_classes = (MayKeep,)

    @extend_schema(request=None, responses={201: WebhookSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Pause it, once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        return once(request, actor, lambda: Response(_as_json(pause_webhook(name, actor=actor)), status=201))


class WebhookResumptions(APIView):
    """Going on."""

    permission_classes = (MayKeep,)

    @extend_schema(request=ResumptionSerializer, responses={201: WebhookSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Resume it where it stopped, or behind what is to be skipped, once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        given = ResumptionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        skip = given.validated_data["skip"]
        return once(
            request, actor, lambda: Response(_as_json(resume_webhook(name, skip=skip, actor=actor)), status=201)
        )


class WebhookRotations(APIView):
    """New secrets."""

    permission_classes = (MayKeep,)

    @extend_schema(request=RotationSerializer, responses={201: WebhookWithSecretSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Replace the secret. The answer holds the new one, this once."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        given = RotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        at_once = given.validated_data["at_once"]
        return _told_once(request, lambda: rotate_webhook(name, at_once=at_once, actor=actor), status=201)


class WebhookTrials(APIView):
    """Test events."""

    permission_classes = (MayKeep,)

    @extend_schema(request=None, responses={201: TrialSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Send one event that means nothing, and say what was answered. Not once per key: it holds no transaction."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        answer = try_webhook(name, actor=actor)
        facts = {"status": answer.status, "trouble": answer.trouble, "took_ms": answer.took_ms}
        return Response(facts, status=201)


class WebhookDeliveries(APIView):
    """What was sent to a webhook."""

    permission_classes = (MayKeep,)

    @extend_schema(responses=WebhookDeliverySerializer(many=True))
    def get(self, _request: Request, name: str) -> Response:
        """The newest, first, and what came of each."""
        rows = webhook_of(name).deliveries.order_by("-pk")[:SHOWN]
        return Response({"results": [row_of(row) for row in rows]})


def _told_once(request: Request, deed: Any, *, status: int) -> Response:  # noqa: ANN401 -- a verb that makes a secret
    """Answer with the secret, and keep the answer for a repetition without it."""
    secret: list[str] = []

    def done() -> Response:
        made: Made = deed()
        secret.append(made.secret)
        return Response(_as_json(made.webhook) | {"secret": None}, status=status)

    response = once(request, actor_of(request), done)
    response.data = {**response.data, "secret": secret[0] if secret else None}
    return response


def _as_json(webhook: Webhook) -> dict[str, Any]:
    return dict(facts_of(webhook, latest_seq()))


urlpatterns = [
    path("webhooks/", WebhookList.as_view(), name="webhooks"),
    path("webhooks/<slug:name>/", WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<slug:name>/deliveries/", WebhookDeliveries.as_view(), name="webhook-deliveries"),
    path("webhooks/<slug:name>/pauses/", WebhookPauses.as_view(), name="webhook-pauses"),
    path("webhooks/<slug:name>/resumptions/", WebhookResumptions.as_view(), name="webhook-resumptions"),
    path("webhooks/<slug:name>/rotations/", WebhookRotations.as_view(), name="webhook-rotations"),
    path("webhooks/<slug:name>/tests/", WebhookTrials.as_view(), name="webhook-tests"),
]
