"""Acts over HTTP: take the exact bytes of one, hand it in signed."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import act_sentences, acts
from approvals.api.access import MayKeepKeys, MayRead, session_of, signer_of
from approvals.api.canonicals import sidecar_bytes
from approvals.models import Enrolment, PersonKey, SignedAct
from approvals.services.issue_act_template import issue_act_template
from approvals.services.record_act import record_act
from audit import ledger
from proof.documents import ACT_PAYLOAD, parse_act
from proof.signatures import namespace_of

MOST = 200


class ActWanted(serializers.Serializer[Any]):
    """What somebody wants to do by signing, and with which of their keys."""

    kind = serializers.CharField(max_length=20)
    subject = serializers.CharField(max_length=120)
    particulars = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=acts.LONGEST_VALUE, trim_whitespace=False),
        required=False,
        default=dict,
    )
    key_id = serializers.RegexField(r"^[0-9a-f]{64}$")


class SignedActGiven(serializers.Serializer[Any]):
    """An act with its signature, as an object or as its canonical text."""

    sidecar = serializers.JSONField()


class ActTemplates(APIView):
    """The bytes that somebody may sign to do something."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(request=ActWanted, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Hand them out: for this person, this key, in this session, once, for five minutes."""
        actor, wanted = signer_of(request), ActWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        template = issue_act_template(
            given["kind"],
            given["subject"],
            given["particulars"],
            given["key_id"],
            session=session_of(request),
            actor=actor,
        )
        data = bytes(template.statement)
        answer = {
            "statement": data.decode("utf-8"),
            "payload_type": ACT_PAYLOAD,
            "ssh_namespace": namespace_of(ACT_PAYLOAD, data),
            "nonce": template.nonce,
            "expires_at": template.expires_at,
            "sentence": act_sentences.sentence(parse_act(data)),
            "credential_id": _credential_of(given["key_id"]),
        }
        return Response(answer, status=201)


class ActList(APIView):
    """Acts that people signed."""

    permission_classes = (MayKeepKeys,)

    @extend_schema(
        parameters=[OpenApiParameter("subject", OpenApiTypes.STR), OpenApiParameter("kind", OpenApiTypes.STR)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """The newest of a subject or a kind; everybody's for whoever may read changes, else one's own."""
        rows = SignedAct.objects.order_by("-recorded_at")
        if not MayRead().has_permission(request, self):
            rows = rows.filter(person_id=str(request.user.pk))
        for name in ("subject", "kind"):
            if name in request.query_params:
                rows = rows.filter(**{name: request.query_params[name]})
        return Response({"results": [act_line(row) for row in rows[:MOST]]})

    @extend_schema(request=SignedActGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Take a signed act and do it; the same one twice is done once."""
        actor, signed = signer_of(request), SignedActGiven(data=request.data)
        signed.is_valid(raise_exception=True)
        row = record_act(sidecar_bytes(signed.validated_data["sidecar"]), session=session_of(request), actor=actor)
        return Response({**act_line(row), "result": row.result}, status=201)


def act_line(row: SignedAct) -> dict[str, Any]:
    """A signed act in a list."""
    act = parse_act(ledger.fetch(row.statement_sha256))
    return {
        "kind": row.kind,
        "subject": row.subject,
        "person_id": row.person_id,
        "key_id": row.key_id,
        "particulars": {item.name: item.value for item in act.particulars},
        "sentence": act_sentences.sentence(act),
        "recorded_at": row.recorded_at,
        "statement_sha256": row.statement_sha256,
        "sidecar_sha256": row.sidecar_sha256,
    }


def _credential_of(key_id: str) -> str:
    row = PersonKey.objects.filter(pk=key_id).first()
    if row is not None:
        return row.credential_id
    new = Enrolment.objects.filter(key_id=key_id).order_by("-pk").first()
    return str(new.key["credential_id"]) if new else ""
