"""How alerts, incidents and services look in the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.models import Alert, Incident, Service


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """An alert."""

    class Meta:
        model = Alert
        fields: ClassVar = [
            "id",
            "source",
            "fingerprint",
            "status",
            "severity",
            "title",
            "description",
            "service",
            "environment",
            "labels",
            "links",
            "metric",
            "starts_at",
            "ends_at",
            "first_seen_at",
            "last_seen_at",
            "count",
            "incident",
            "window",
            "team",
            "rule",
            "held_because",
            "is_flapping",
        ]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident; the console adds what the agents are doing about it."""

    number = serializers.CharField(read_only=True)
    alerts_count = serializers.IntegerField(read_only=True)
    links = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields: ClassVar = [
            "id",
            "number",
            "title",
            "state",
            "severity",
            "service",
            "services",
            "environment",
            "autonomy",
            "alerts_count",
            "storm_count",
            "began_at",
            "opened_at",
            "acknowledged_at",
            "resolved_at",
            "closed_at",
            "called_at",
            "called_because",
            "links",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_links(self, incident: Incident) -> dict[str, str]:
        """Where to go from here, as paths on this host."""
        api = f"/api/v1/incidents/{incident.pk}/"
        return {"self": api, "timeline": f"{api}timeline/", "page": f"/incidents/{incident.pk}/"}


class TimelineLineSerializer(serializers.Serializer[Any]):
    """One thing that happened."""

    at = serializers.DateTimeField()
    actor = serializers.CharField()
    verb = serializers.CharField()
    subject = serializers.CharField()
    facts = serializers.DictField()
    seq = serializers.IntegerField(allow_null=True)


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service of the catalogue."""

    class Meta:
        model = Service
        fields: ClassVar = ["slug", "name", "environment", "criticality", "autonomy", "stateless", "team"]
        read_only_fields = fields
