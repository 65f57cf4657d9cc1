"""The service catalogue over HTTP: reading it, and entering a service with what it calls."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.permissions import Permission
from incidents import api
from incidents.api import WRITE_SCOPE, actor_of, require_scope
from incidents.idempotency import once
from incidents.models import Dependency, Service
from incidents.permissions import grants
from incidents.scoping import services_read
from incidents.serializers import ServiceSerializer
from incidents.services.register_service import CRITICALITIES, described, register_service

MOST_CALLED = 200


class ServiceInFull(ServiceSerializer):
    """A service, with what it calls."""

    depends_on = serializers.SerializerMethodField()

    class Meta(ServiceSerializer.Meta):
        fields: ClassVar = [*ServiceSerializer.Meta.fields, "depends_on"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_depends_on(self, service: Service) -> list[str]:
        """Slugs, sorted; for somebody whose roles reach a part, those of them that they may read about."""
        slugs = services_read(actor_of(self.context["request"]))
        called = Dependency.objects.filter(caller=service.slug).order_by("callee").values_list("callee", flat=True)
        return [slug for slug in called if slugs is None or slug in slugs]


class Described(serializers.Serializer[Any]):
    """What people say of a service. What is left out stays as it is known.

    What agents may do there, where their actions land and how it is measured is not set from here.
    """

    slug = serializers.SlugField(max_length=120)
    name = serializers.CharField(max_length=120, required=False)
    environment = serializers.CharField(max_length=80, required=False, allow_blank=True)
    criticality = serializers.ChoiceField(choices=CRITICALITIES, required=False)
    stateless = serializers.BooleanField(required=False)
    team = serializers.CharField(max_length=80, required=False, allow_blank=True)
    depends_on = serializers.ListField(
        child=serializers.SlugField(max_length=120), required=False, max_length=MOST_CALLED
    )


class ServiceList(api.ServiceList):
    """The service catalogue."""

    @extend_schema(request=Described, responses={201: ServiceInFull})
    def post(self, request: Request) -> Response:
        """Enter a service, or bring its entry up to date; once per `Idempotency-Key`."""
        actor = actor_of(request)
        require_scope(request, WRITE_SCOPE)
        grants.require(Permission.SERVICE_REGISTER, actor)
        told = Described(data=request.data)
        told.is_valid(raise_exception=True)

        def deed() -> Response:
            service = register_service(described(**told.validated_data), actor=actor)
            return Response(dict(ServiceInFull(service, context={"request": request}).data), status=201)

        return once(request, actor, deed)


class ServiceDetail(api.ServiceDetail):
    """One service, with what it calls."""

    serializer_class = ServiceInFull
