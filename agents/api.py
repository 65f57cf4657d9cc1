"""What people do to the agents' plans over HTTP: edit them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.services.revise import revise
from approvals import selectors
from approvals.api.access import MayRead, signer_of
from approvals.api.requests import found_request
from approvals.api.views import plain
from approvals.idempotency import once
from approvals.models import ApprovalRequest, Revision
from audit import ledger
from proof.render import render
from proof.words import six_words


class EditedParameter(serializers.Serializer[Any]):
    """One parameter of one step, with its new value."""

    step = serializers.IntegerField(min_value=0)
    name = serializers.CharField(max_length=80)
    value = serializers.CharField(max_length=2_000)


class EditedPlan(serializers.Serializer[Any]):
    """What to change in a plan, why, and when it may run."""

    params = EditedParameter(many=True, required=False, default=list)
    why = serializers.CharField(max_length=500)
    not_before = serializers.DateTimeField(required=False, allow_null=True, default=None)
    execute_by = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RevisionList(APIView):
    """The versions of a request's plan."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """All of them, newest first, each with what it changed."""
        return Response({"results": [plain(one) for one in selectors.revisions(found_request(pk, request))]})

    @extend_schema(request=EditedPlan, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Edit the plan; above MEDIUM nobody is asked before its author has signed the act that comes back."""
        actor, given = signer_of(request), EditedPlan(data=request.data)
        found_request(pk, request)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data

        def deed() -> Response:
            edits = [(one["step"], one["name"], one["value"]) for one in wanted["params"]]
            window = (wanted["not_before"], wanted["execute_by"])
            return Response(_told(revise(pk, edits, wanted["why"], actor=actor, window=window)), status=201)

        return once(request, actor, deed)


def _told(revision: Revision) -> dict[str, Any]:
    digest, content = revision.change_id, ledger.fetch(revision.change_id)
    opened = ApprovalRequest.objects.filter(change=digest).first()
    act = None
    if revision.signature_needed:
        particulars = {"revises": revision.revises.change_id, "why": revision.why}
        act = {"kind": "author-change", "subject": f"change:{digest}", "particulars": particulars}
    return {
        "change": digest,
        "tier": revision.change.tier,
        "text": render(content),
        "words": six_words(digest),
        "differences": [plain(one) for one in selectors.differences_of(revision.revises.change_id, digest)],
        "signature_needed": revision.signature_needed,
        "act": act,
        "expires_at": revision.expires_at,
        "request": opened.pk if opened else None,
    }
