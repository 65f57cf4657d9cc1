"""Changes and requests: read them, take a statement to sign, hand a signed decision in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import selectors
from approvals.api.access import MayRead, actor_of, person_of, signer_of
from approvals.api.binding import bind, require_bound
from approvals.api.views import plain, request_line, request_page, told
from approvals.idempotency import once
from approvals.models import ApprovalRequest, Change, RequestState, SigningTemplate
from approvals.permissions import grants
from approvals.requests import missing
from approvals.scoping import readable_requests
from approvals.services.issue_template import issue_template
from approvals.services.record_decision import record_decision
from audit import ledger
from audit.services.record_refusal import record_refusal
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, RefusedError
from core.paging import Newest
from core.permissions import Permission
from proof import canonical
from proof.documents import DECISIONS
from proof.envelope import PAYLOAD_TYPE
from proof.signatures import namespace_of


class StatementWanted(serializers.Serializer[Any]):
    """What somebody wants to sign, and with which of their keys."""

    decision = serializers.ChoiceField(choices=list(DECISIONS))
    key_id = serializers.RegexField(r"^[0-9a-f]{64}$")
    comment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=4_000, trim_whitespace=False
    )
    delegation = serializers.RegexField(r"^([0-9a-f]{64})?$", required=False, default="", allow_blank=True)


class SignedDecision(serializers.Serializer[Any]):
    """A statement with its signature, as an object or as its canonical text, and the words it commits to."""

    sidecar = serializers.JSONField()
    comment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=4_000, trim_whitespace=False
    )


class RequestLine(serializers.BaseSerializer[ApprovalRequest]):
    """A request in a list."""

    def to_representation(self, instance: ApprovalRequest) -> dict[str, Any]:
        """As `request_line` tells it."""
        return request_line(instance)


class ChangeDetail(APIView):
    """The canonical bytes of a change, exactly as they are hashed and signed."""

    permission_classes = (MayRead,)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.BINARY})
    def get(self, request: Request, digest: str) -> HttpResponse:
        """The bytes; their SHA-256 is the digest."""
        change = Change.objects.filter(pk=digest).first()
        if change is None:
            detail = f"There is no change {digest[:12]}."
            raise NotFoundError(detail)
        grants.require(Permission.CHANGE_READ, person_of(request).as_actor(), change)
        response = HttpResponse(ledger.fetch(digest), content_type="application/json")
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["ETag"] = f'"{digest}"'
        return response


class ChangeDifferences(APIView):
    """What differs between a change and an earlier one."""

    permission_classes = (MayRead,)

    @extend_schema(
        parameters=[OpenApiParameter("since", OpenApiTypes.STR, required=True)], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request, digest: str) -> Response:
        """Each difference as a sentence."""
        actor, since = person_of(request).as_actor(), request.query_params.get("since", "")
        for wanted in (digest, since):
            change = Change.objects.filter(pk=wanted).first()
            if change is None:
                detail = f"There is no change {wanted[:12] or '(name one with ?since=)'}."
                raise NotFoundError(detail)
            grants.require(Permission.CHANGE_READ, actor, change)
        return Response({"results": [plain(one) for one in selectors.differences_of(since, digest)]})


@extend_schema(
    parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=list(RequestState.values), many=True, explode=True)],
    responses=OpenApiTypes.OBJECT,
)
class RequestList(ListAPIView[ApprovalRequest]):
    """Requests, newest first."""

    permission_classes = (MayRead,)
    serializer_class = RequestLine
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        """The requests in the states that were asked for, or all."""
        states = self.request.query_params.getlist("state")
        unknown = set(states) - set(RequestState.values)
        if unknown:
            detail = f"There is no state {min(unknown)!r}; there are {', '.join(RequestState.values)}."
            raise BadInputError(detail)
        found = readable_requests(actor_of(self.request), ApprovalRequest.objects.select_related("change"))
        return found.filter(state__in=states) if states else found


class RequestDetail(APIView):
    """One request, with the text that is signed and who signed."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """The request."""
        return Response(request_page(found_request(pk, request), person_of(request).pk))


class StatementList(APIView):
    """The statement that somebody may sign about a request."""

    permission_classes = (MayRead,)

    @extend_schema(request=StatementWanted, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Hand one out: for this person, this key, once, for five minutes."""
        actor, wanted = signer_of(request), StatementWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        template = issue_template(
            pk,
            given["decision"],
            given["key_id"],
            actor=actor,
            comment=given["comment"],
            delegation=given["delegation"],
        )
        return Response(handed_out(bind(template, request)), status=201)


class DecisionList(APIView):
    """The signed decisions about a request."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """All of them, oldest first."""
        return Response({"results": told(found_request(pk, request))})

    @extend_schema(request=SignedDecision, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Take a signed decision; the same one twice is taken once."""
        actor, signed = signer_of(request), SignedDecision(data=request.data)
        signed.is_valid(raise_exception=True)
        given = signed.validated_data
        sidecar = sidecar_bytes(given["sidecar"])

        def deed() -> Response:
            decision = record_decision(pk, sidecar, given["comment"], actor=actor)
            answer = {"decision": decision.verdict, "statement_sha256": decision.statement_sha256}
            return Response({**answer, "request": request_line(found_request(pk, request))}, status=201)

        with refusals_recorded(pk, actor):
            require_bound(sidecar, request)
            return once(request, actor, deed)


def handed_out(template: SigningTemplate) -> dict[str, Any]:
    """A statement to sign, and what one needs to sign it."""
    statement = bytes(template.statement)
    return {
        "statement": statement.decode("utf-8"),
        "payload_type": PAYLOAD_TYPE,
        "ssh_namespace": namespace_of(PAYLOAD_TYPE, statement),
        "nonce": template.nonce,
        "comment_salt": bytes(template.comment_salt).hex(),
        "expires_at": template.expires_at,
    }


@contextmanager
def refusals_recorded(pk: int, actor: Actor) -> Iterator[None]:
    """Record that a decision was refused, too, within what one person may fill of the ledger in an hour."""
    try:
        yield
    except RefusedError as error:
        record_refusal(
            "decision.refused", actor=actor, subject=f"request:{pk}", facts={"why": error.detail}, about=[actor.id]
        )
        raise


def sidecar_bytes(sidecar: object) -> bytes:
    """A sidecar's one form: canonical bytes. Browsers send an object, the command line the text.

    Raises:
        BadInputError: It has none of the forms.
    """
    try:
        return sidecar.encode("utf-8") if isinstance(sidecar, str) else canonical.dumps(sidecar, max_bytes=100_000)
    except (canonical.CanonicalError, UnicodeEncodeError) as error:
        detail = f"This is not a signed statement: {error}"
        raise BadInputError(detail) from error


def found_request(pk: int, asked: Request) -> ApprovalRequest:
    """The request, if there is one and whoever asks may read it.

    Raises:
        NotFoundError: There is none, or it is not theirs to read.
    """
    request = ApprovalRequest.objects.select_related("change").filter(pk=pk).first()
    if request is None:
        raise missing(pk)
    grants.require(Permission.CHANGE_READ, person_of(asked).as_actor(), request)
    return request
