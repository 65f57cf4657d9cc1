"""The rules about alerts over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.paging import Newest
from core.permissions import Permission
from incidents.api import WRITE_SCOPE, MayRead, actor_of, require_scope
from incidents.correlation.rules import RulesError, check_rules
from incidents.idempotency import once
from incidents.models import RuleSet
from incidents.permissions import grants
from incidents.ruling import held_by_rule
from incidents.services.apply_rules import apply_rules


class RuleSetSerializer(serializers.ModelSerializer[RuleSet]):
    """A version of the rules."""

    class Meta:
        model = RuleSet
        fields: ClassVar = ["version", "text", "sha256", "applied_by", "applied_at"]
        read_only_fields = fields


class RulesText(serializers.Serializer[Any]):
    """Rules as YAML."""

    text = serializers.CharField(max_length=200_000, allow_blank=True, trim_whitespace=False)


class MayReadRules(MayRead):
    """Rules concern every service: who holds a role in a part only does not read them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the table of grants, and the token."""
        return super().has_permission(request, view) and grants.allow(Permission.RULES_READ, actor_of(request))


class RuleSetList(ListAPIView[RuleSet]):
    """Versions of the rules, the one in force first."""

    permission_classes = (MayReadRules,)
    serializer_class = RuleSetSerializer
    pagination_class = Newest
    queryset = RuleSet.objects.all()

    @extend_schema(request=RulesText, responses={201: RuleSetSerializer})
    def post(self, request: Request) -> Response:
        """Put rules into force; once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        grants.require(Permission.RULES_APPLY, actor)
        given = RulesText(data=request.data)
        given.is_valid(raise_exception=True)

        def deed() -> Response:
            row = apply_rules(given.validated_data["text"], actor=actor)
            return Response(dict(RuleSetSerializer(row).data), status=201)

        return once(request, actor, deed)


class RuleChecks(APIView):
    """Checking rules without putting them into force."""

    permission_classes = (MayReadRules,)

    @extend_schema(request=RulesText, responses={200: serializers.DictField()})
    def post(self, request: Request) -> Response:
        """What is wrong with them, a sentence each; nothing is stored."""
        given = RulesText(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            rules = check_rules(given.validated_data["text"])
        except RulesError as error:
            return Response({"ok": False, "problems": list(error.problems), "rules": []})
        return Response({"ok": True, "problems": [], "rules": [rule.name for rule in rules]})


class RulesHeld(APIView):
    """What the rules hold back now."""

    permission_classes = (MayReadRules,)

    @extend_schema(responses={200: serializers.DictField()})
    def get(self, _request: Request) -> Response:
        """How many alerts that fire each rule ignores, or lets wait for more."""
        return Response({"held": held_by_rule()})
