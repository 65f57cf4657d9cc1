"""How alerts, incidents and services look in the API."""

from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.models import Alert, Incident, Service


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """An alert; the fields say what stands in the API's description, and `to_representation` the same by hand."""

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

    def to_representation(self, instance: Alert) -> dict[str, Any]:
        """Field by field through the framework, a page of fifty costs more than everything else about it."""
        return {
            "id": instance.pk,
            "source": instance.source,
            "fingerprint": instance.fingerprint,
            "status": instance.status,
            "severity": instance.severity,
            "title": instance.title,
            "description": instance.description,
            "service": instance.service,
            "environment": instance.environment,
            "labels": instance.labels,
            "links": instance.links,
            "metric": instance.metric,
            "starts_at": instant(instance.starts_at),
            "ends_at": instant(instance.ends_at),
            "first_seen_at": instant(instance.first_seen_at),
            "last_seen_at": instant(instance.last_seen_at),
            "count": instance.count,
            "incident": instance.incident_id,
            "window": instance.window_id,
            "team": instance.team,
            "rule": instance.rule,
            "held_because": instance.held_because,
            "is_flapping": instance.is_flapping,
        }


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident, by hand as an alert is; the console adds what the agents are doing about it."""

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

    def to_representation(self, instance: Incident) -> dict[str, Any]:
        """As the fields say."""
        return {
            "id": instance.pk,
            "number": instance.number,
            "title": instance.title,
            "state": instance.state,
            "severity": instance.severity,
            "service": instance.service,
            "services": instance.services,
            "environment": instance.environment,
            "autonomy": instance.autonomy,
            "alerts_count": getattr(instance, "alerts_count", None),
            "storm_count": instance.storm_count,
            "began_at": instant(instance.began_at),
            "opened_at": instant(instance.opened_at),
            "acknowledged_at": instant(instance.acknowledged_at),
            "resolved_at": instant(instance.resolved_at),
            "closed_at": instant(instance.closed_at),
            "called_at": instant(instance.called_at),
            "called_because": instance.called_because,
            "links": self.get_links(instance),
        }

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_links(self, incident: Incident) -> dict[str, str]:
        """Where to go from here, as paths on this host."""
        api = f"/api/v1/incidents/{incident.pk}/"
        return {"self": api, "timeline": f"{api}timeline/", "page": f"/incidents/{incident.pk}/"}


def instant(at: datetime | None) -> str | None:
    """A moment as RFC 3339, in UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


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
