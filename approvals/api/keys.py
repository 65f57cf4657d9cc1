"""Keys: list one's own, enrol a passkey or an SSH key, revoke one."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import bundles, possession
from approvals.api.access import MayKeepKeys, MayReadPolicy, person_of, session_of, signer_of
from approvals.api.views import key_line, policy_line
from approvals.models import PersonKey, PolicyVersion
from approvals.services.begin_enrolment import begin_passkey, begin_ssh
from approvals.services.finish_enrolment import finish_passkey, finish_ssh
from approvals.services.revoke_key import revoke_key
from core.errors import BadInputError


class NewKeyGiven(serializers.Serializer[Any]):
    """A passkey's `credential`, or a `statement` with its SSH `signature`; and a name for the key."""

    label = serializers.CharField(max_length=80)  # type: ignore[assignment]  # a field of that name, not its caption
    credential = serializers.JSONField(required=False, default=None)
    statement = serializers.CharField(required=False, default="", max_length=4_000)
    signature = serializers.CharField(required=False, default="", max_length=8_192, trim_whitespace=False)


class PublicKeyGiven(serializers.Serializer[Any]):
    """An OpenSSH public key line."""

    public = serializers.CharField(max_length=4_000)


class Why(serializers.Serializer[Any]):
    """A reason."""

    why = serializers.CharField(required=False, default="", allow_blank=True, max_length=400)


class KeyList(APIView):
    """One's own keys."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """All of them, newest first, revoked ones too."""
        rows = PersonKey.objects.filter(person_id=person_of(request).pk).order_by("-enrolled_at")
        return Response({"results": [key_line(row) for row in rows]})

    @extend_schema(request=NewKeyGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Enrol a key that answers a challenge handed out before."""
        actor, given = signer_of(request), NewKeyGiven(data=request.data)
        given.is_valid(raise_exception=True)
        data, person, session = given.validated_data, person_of(request), session_of(request)
        if isinstance(data["credential"], dict):
            row = finish_passkey(person, data["credential"], label=data["label"], session=session, actor=actor)
        elif data["statement"] and data["signature"]:
            statement = data["statement"].encode("utf-8")
            row = finish_ssh(person, statement, data["signature"], label=data["label"], session=session, actor=actor)
        else:
            detail = "Send a passkey's `credential`, or the `statement` that was handed out with its SSH `signature`."
            raise BadInputError(detail)
        return Response(key_line(row), status=201)


class RegistrationOptions(APIView):
    """What a browser needs to make a passkey."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """Options with a challenge for this person in this session, once, for five minutes."""
        actor = signer_of(request)
        return Response(begin_passkey(person_of(request), session=session_of(request), actor=actor))


class PossessionStatements(APIView):
    """What the owner of an SSH key signs to enrol it."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=PublicKeyGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """A statement for this person, this key, in this session, once, for five minutes."""
        actor, given = signer_of(request), PublicKeyGiven(data=request.data)
        given.is_valid(raise_exception=True)
        public = given.validated_data["public"]
        statement = begin_ssh(person_of(request), public, session=session_of(request), actor=actor)
        answer = {"statement": statement.decode("utf-8"), "ssh_namespace": possession.NAMESPACE}
        return Response(answer, status=201)


class KeyRevocation(APIView):
    """Revoking a key."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=Why, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, key_id: str) -> Response:
        """Revoke one of one's own keys; a key-admin may revoke anybody's."""
        actor, given = signer_of(request), Why(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(key_line(revoke_key(key_id, actor=actor, why=given.validated_data["why"])), status=201)


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
