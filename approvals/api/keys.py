"""Keys: list one's own, offer a new one, say by what right it is one's own. Signatures go through the acts."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import bundles, enrolments
from approvals.api.access import MayKeepKeys, MayReadPolicy, person_of, session_of, signer_of
from approvals.api.views import key_line, policy_line
from approvals.models import PersonKey, PolicyVersion
from approvals.services.begin_enrolment import begin_passkey
from approvals.services.invite import accept_invitation, declare_lost
from approvals.services.offer_key import offer_passkey, offer_ssh
from approvals.services.prove_possession import told
from approvals.services.revoke_key import index_at
from core.errors import BadInputError


class NewKeyGiven(serializers.Serializer[Any]):
    """A passkey's `credential`, or the `public` line of an SSH key; and a name for the key."""

    label = serializers.CharField(max_length=80)  # type: ignore[assignment]  # a field of that name, not its caption
    credential = serializers.JSONField(required=False, default=None)
    public = serializers.CharField(required=False, default="", max_length=4_000)


class CodeGiven(serializers.Serializer[Any]):
    """An invitation's code."""

    code = serializers.CharField(max_length=60)


class KeyList(APIView):
    """One's own keys."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """All of them, newest first, revoked ones too; and those under way."""
        person = person_of(request)
        rows = PersonKey.objects.filter(person_id=person.pk).order_by("-enrolled_at")
        new = [told(enrolment) for enrolment in enrolments.under_way(person.pk)]
        return Response({"results": [key_line(row) for row in rows], "under_way": new})

    @extend_schema(request=NewKeyGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Offer a key. The answer says what it owes: a proof that it is held, and somebody's word that it is yours."""
        actor, given = signer_of(request), NewKeyGiven(data=request.data)
        given.is_valid(raise_exception=True)
        data, person, session = given.validated_data, person_of(request), session_of(request)
        if isinstance(data["credential"], dict):
            found = offer_passkey(person, data["credential"], label=data["label"], session=session, actor=actor)
        elif data["public"]:
            found = offer_ssh(person, data["public"], label=data["label"], session=session, actor=actor)
        else:
            detail = "Send a passkey's `credential`, or the `public` line of an SSH key."
            raise BadInputError(detail)
        return Response(told(found), status=201)


class RegistrationOptions(APIView):
    """What a browser needs to make a passkey."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Options with a challenge for this person in this session, once, for five minutes."""
        actor = signer_of(request)
        return Response(begin_passkey(person_of(request), session=session_of(request), actor=actor))


class KeyInvitation(APIView):
    """An invitation instead of an older key's signature."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=CodeGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, key_id: str) -> Response:
        """Use a code up for the key that one is enrolling."""
        actor, given = signer_of(request), CodeGiven(data=request.data)
        given.is_valid(raise_exception=True)
        found = accept_invitation(person_of(request), key_id, given.validated_data["code"], actor=actor)
        return Response(told(found), status=201)


class KeyLoss(APIView):
    """Having no older key any more."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=None, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, key_id: str) -> Response:
        """Say that all older keys are lost; those who co-sign are told so, and ask in person."""
        actor = signer_of(request)
        return Response(told(declare_lost(person_of(request), key_id, actor=actor)), status=201)


class LedgerIndex(APIView):
    """From which record on, for a revocation that names a time."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(parameters=[OpenApiParameter("at", OpenApiTypes.DATETIME)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The first record from that time on; -1 if there is none since."""
        return Response({"index": index_at(request.query_params.get("at", ""))})


class PolicyList(APIView):
    """The versions of the policy."""

    permission_classes = (MayReadPolicy,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, _request: Request) -> Response:
        """Newest first, and the text of the one in force."""
        rows = list(PolicyVersion.objects.order_by("-version")[:100])
        lines = [policy_line(row, in_force=row is rows[0]) for row in rows]
        text = bundles.in_force().content.decode("utf-8") if rows else ""
        return Response({"results": lines, "in_force": text})
