"""Standing approvals over HTTP: propose, read, sign; they are ended by a signed act (see `approvals.api.acts`)."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import selectors
from approvals.api.access import MayRead, signer_of
from approvals.api.binding import bind, require_bound
from approvals.api.requests import SignedDecision, handed_out, sidecar_bytes
from approvals.api.views import plain
from approvals.idempotency import once
from approvals.services.decide_standing import VERDICTS, issue_standing_template, record_standing_decision
from approvals.services.propose_standing import StandingDraft, propose_standing


class AllowedParameter(serializers.Serializer[Any]):
    """What a parameter may be: one text, or a whole number of a range."""

    name = serializers.CharField(max_length=80)
    const = serializers.CharField(required=False, max_length=500)
    min = serializers.IntegerField(required=False)
    max = serializers.IntegerField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either `const`, or `min` and `max`."""
        if set(attrs) not in ({"name", "const"}, {"name", "min", "max"}):
            detail = "A parameter has a name and either `const`, or `min` and `max`."
            raise serializers.ValidationError(detail)
        return attrs


class StandingWanted(serializers.Serializer[Any]):
    """What shall run without being asked again."""

    intent = serializers.CharField(max_length=500)
    environment = serializers.CharField(max_length=80)
    action = serializers.CharField(max_length=80)
    adapter = serializers.CharField(max_length=80)
    targets = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=64)
    params = AllowedParameter(many=True, required=False, default=list)
    max_uses = serializers.IntegerField(min_value=1)
    per_hour = serializers.IntegerField(min_value=1)
    cool_down_s = serializers.IntegerField(min_value=0, default=0)
    not_before = serializers.DateTimeField()
    not_after = serializers.DateTimeField()


class StandingStatementWanted(serializers.Serializer[Any]):
    """What somebody wants to sign about it, and with which of their keys."""

    decision = serializers.ChoiceField(choices=list(VERDICTS))
    key_id = serializers.RegexField(r"^[0-9a-f]{64}$")
    comment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=4_000, trim_whitespace=False
    )


class StandingList(APIView):
    """All standing approvals."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Newest first; with `?state=`, those in that state."""
        state = request.query_params.get("state", "")
        return Response({"results": [plain(one) for one in selectors.standings(state)]})

    @extend_schema(request=StandingWanted, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Propose one; nothing runs under it until enough people have signed."""
        actor, wanted = signer_of(request), StandingWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        draft = StandingDraft(**wanted.validated_data)

        def deed() -> Response:
            return Response(plain(selectors.standing(propose_standing(draft, actor=actor).uid)), status=201)

        return once(request, actor, deed)


class StandingDetail(APIView):
    """One standing approval, with the text that is signed."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, uid: str) -> Response:  # noqa: ARG002 -- Django's signature
        """The standing approval."""
        return Response(plain(selectors.standing(uid)))


class StandingStatements(APIView):
    """The statement that somebody may sign about a standing approval."""

    permission_classes = (MayRead,)

    @extend_schema(request=StandingStatementWanted, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, uid: str) -> Response:
        """Hand one out: for this person, this key, once, for five minutes."""
        actor, wanted = signer_of(request), StandingStatementWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        template = issue_standing_template(
            uid, given["decision"], given["key_id"], actor=actor, comment=given["comment"]
        )
        return Response(handed_out(bind(template, request)), status=201)


class StandingDecisions(APIView):
    """The signed decisions about a standing approval."""

    permission_classes = (MayRead,)

    @extend_schema(request=SignedDecision, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, uid: str) -> Response:
        """Take a signed decision; the same one twice is taken once."""
        actor, signed = signer_of(request), SignedDecision(data=request.data)
        signed.is_valid(raise_exception=True)
        given = signed.validated_data
        sidecar = sidecar_bytes(given["sidecar"])
        require_bound(sidecar, request)

        def deed() -> Response:
            decision = record_standing_decision(uid, sidecar, given["comment"], actor=actor)
            answer = {"decision": decision.verdict, "statement_sha256": decision.statement_sha256}
            return Response({**answer, "standing": plain(selectors.standing(uid))}, status=201)

        return once(request, actor, deed)
