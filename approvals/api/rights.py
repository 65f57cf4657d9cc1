"""Lent rights to sign, and overrides, over HTTP; both are made and ended by signing (see `approvals.api.acts`)."""

import secrets
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import selectors
from approvals.api.access import MayRead, person_of, signer_of
from approvals.api.binding import bind, require_bound
from approvals.api.requests import found_request, handed_out, refusals_recorded, sidecar_bytes
from approvals.api.views import plain, request_line
from approvals.idempotency import once
from approvals.services.issue_override import LONGEST, issue_override
from approvals.services.record_override import record_override


class OverrideWanted(serializers.Serializer[Any]):
    """With which key, and why it cannot wait."""

    key_id = serializers.RegexField(r"^[0-9a-f]{64}$")
    reason = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


class SignedOverride(serializers.Serializer[Any]):
    """A signed override, and the words that it commits to."""

    sidecar = serializers.JSONField()
    reason = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


class DelegationList(APIView):
    """Who may sign for whom."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Those that one gave or got, newest first, and an id for a new one."""
        found = [plain(one) for one in selectors.delegations(person_of(request).pk)]
        return Response({"results": found, "new_id": secrets.token_hex(16)})


class OverrideList(APIView):
    """What one person took on themselves alone, and how far its review is."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- Django's signature
        """Newest first."""
        return Response({"results": [plain(one) for one in selectors.overrides()]})


class OverrideStatements(APIView):
    """The statement with which somebody takes a request on themselves."""

    permission_classes = (MayRead,)

    @extend_schema(request=OverrideWanted, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Hand one out: for this person, this key, once, for five minutes."""
        actor, wanted = signer_of(request), OverrideWanted(data=request.data)
        found_request(pk, request)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        template = issue_override(pk, given["key_id"], given["reason"], actor=actor)
        return Response(handed_out(bind(template, request)), status=201)


class Overrides(APIView):
    """The overrides of a request."""

    permission_classes = (MayRead,)

    @extend_schema(request=SignedOverride, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Take a signed override; the same one twice is taken once."""
        actor, signed = signer_of(request), SignedOverride(data=request.data)
        found_request(pk, request)
        signed.is_valid(raise_exception=True)
        given = signed.validated_data
        sidecar = sidecar_bytes(given["sidecar"])

        def deed() -> Response:
            override = record_override(pk, sidecar, given["reason"], actor=actor)
            line = request_line(found_request(pk, request))
            answer = {"statement_sha256": override.pk, "review_by": override.review_by, "request": line}
            return Response(answer, status=201)

        with refusals_recorded(pk, actor):
            require_bound(sidecar, request)
            return once(request, actor, deed)
