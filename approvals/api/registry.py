"""The signed registry over HTTP: what it says, what is asked of it, and the signatures of those who may."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import ceremonies, drafting, registry
from approvals.api.access import READ, signer_of
from approvals.ceremonies import Ceremony
from approvals.models import Draft
from approvals.permissions import grants
from approvals.roots import PAYLOADS, is_first_use
from approvals.services.change_registry import hand_root_over, renew_person, set_groups
from approvals.services.sign_draft import sign_draft
from approvals.services.void_draft import void_draft
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, RefusedError
from core.permissions import Permission
from people.authentication import has_scope
from people.models import Person
from people.selectors import active_person
from proof.multisig import namespace_of
from proof.words import words

CHANGES = ("groups", "renew", "threshold")


class MayReadRegistry(BasePermission):
    """Everybody with a role for the whole installation; a token needs the scope."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        if not isinstance(request.user, Person):
            return False
        return grants.allow(Permission.REGISTRY_READ, request.user.as_actor()) and has_scope(request, READ)


class ChangeAsked(serializers.Serializer[Any]):
    """What a key-admin asks of the registry."""

    change = serializers.ChoiceField(choices=CHANGES)
    person = serializers.CharField(required=False, default="", max_length=60)
    groups = serializers.ListField(child=serializers.CharField(max_length=120), required=False, default=list)
    recovery = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=400, trim_whitespace=False
    )
    threshold = serializers.IntegerField(required=False, default=0, min_value=0, max_value=8)


class SignatureGiven(serializers.Serializer[Any]):
    """One member of a signatures file."""

    signature = serializers.DictField(child=serializers.CharField(max_length=16_000, trim_whitespace=False))


class VoidingAsked(serializers.Serializer[Any]):
    """Why a draft is not wanted."""

    why = serializers.CharField(max_length=400)


class RegistryDetail(APIView):
    """The registry in force."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, _request: Request) -> Response:
        """What to pin, who signs it, and where it stands."""
        found = registry.current()
        root = [{"key_id": key.key_id, "kind": key.kind, "person_id": key.person_id} for key in found.root.keys]
        return Response(
            {
                "version": found.version,
                "sha256": found.sha256,
                "epoch": found.epoch,
                "created_at": found.created_at,
                "root_public": found.root_public,
                "root_words": words(found.root_key_id, 12),
                "threshold": found.root.threshold,
                "root": root,
                "first_use": is_first_use(found),
                "rp_id": found.rp_id,
                "origins": list(found.origins),
            }
        )


class DraftList(APIView):
    """What is asked of the registry and waits for signatures."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, _request: Request) -> Response:
        """All that stand, open ones first."""
        return Response({"results": [draft_line(found) for found in ceremonies.standing()]})

    @extend_schema(request=ChangeAsked, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Ask for a change: published at once in first use, else a draft to be co-signed."""
        actor, given = signer_of(request), ChangeAsked(data=request.data)
        given.is_valid(raise_exception=True)
        draft = _ask(given.validated_data, actor)
        return Response(draft_line(ceremonies.ceremony(draft)), status=201)


class DraftDetail(APIView):
    """One draft."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, _request: Request, pk: int) -> Response:
        """What it will say, who has signed, and how it differs from what is in force."""
        draft = _found(pk)
        return Response({**draft_line(ceremonies.ceremony(draft)), "difference": ceremonies.difference(draft)})


class DraftDocument(APIView):
    """The exact bytes that are signed."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.BINARY})
    def get(self, _request: Request, pk: int) -> HttpResponse:
        """The bytes; their SHA-256 is the digest."""
        draft = _found(pk)
        if not draft.document_sha256:
            detail = "Another draft is open. This one has no bytes until that one is settled."
            raise NotFoundError(detail)
        response = HttpResponse(drafting.content(draft), content_type="application/json")
        response.headers["Cache-Control"] = "private, no-cache"
        return response


class DraftSignatures(APIView):
    """Co-signing."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(request=SignatureGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Add a signature; the last one that is needed publishes it."""
        actor, given = signer_of(request), SignatureGiven(data=request.data)
        given.is_valid(raise_exception=True)
        draft = sign_draft(pk, given.validated_data["signature"], actor=actor)
        return Response(draft_line(ceremonies.ceremony(draft)), status=201)


class DraftVoiding(APIView):
    """Not wanting a draft."""

    permission_classes = (MayReadRegistry,)

    @extend_schema(request=VoidingAsked, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Void it, with the reason."""
        actor, given = signer_of(request), VoidingAsked(data=request.data)
        given.is_valid(raise_exception=True)
        draft = void_draft(pk, actor=actor, note=given.validated_data["why"])
        return Response(draft_line(ceremonies.ceremony(draft)), status=201)


def draft_line(found: Ceremony) -> dict[str, Any]:
    """A draft, as plain values."""
    draft = found.draft
    payload_type = PAYLOADS[draft.kind]
    return {
        "id": draft.pk,
        "kind": draft.kind,
        "state": draft.state,
        "version": draft.version,
        "sha256": draft.document_sha256,
        "words": list(found.words),
        "payload_type": payload_type,
        "ssh_namespace": namespace_of(payload_type),
        "headline": found.headline,
        "sentences": list(found.sentences),
        "attestations": list(found.attestations),
        "signed": [
            {"key_id": one.key_id, "person_id": one.person_id, "name": one.name, "at": clock.rfc3339(one.at)}
            for one in found.signed
        ],
        "threshold": found.threshold,
        "missing": found.missing,
        "may": sorted(found.may),
        "voids": found.voids,
        "asked_by": draft.asked_by,
        "note": draft.note,
        "opened_at": draft.opened_at,
        "expires_at": draft.expires_at,
    }


def _ask(given: dict[str, Any], actor: Actor) -> Draft:
    if given["change"] == "threshold":
        return hand_root_over(actor=actor, recovery=given["recovery"], threshold=given["threshold"])
    if is_first_use(registry.current()):
        detail = "In first use this takes effect at once. Ask on the page of keys, which makes sure that it is you."
        raise RefusedError(detail)
    if not given["person"]:
        detail = "Name the person by handle."
        raise BadInputError(detail)
    person = active_person(given["person"])
    if given["change"] == "groups":
        return set_groups(person, given["groups"], actor=actor)
    return renew_person(person, actor=actor)


def _found(pk: int) -> Draft:
    draft = Draft.objects.filter(pk=pk).first()
    if draft is None:
        detail = f"There is no draft {pk}."
        raise NotFoundError(detail)
    return draft
