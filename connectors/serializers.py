"""How sources and deliveries look in the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from connectors.models import Delivery
from incidents.serializers import instant


class SourceSerializer(serializers.Serializer[Any]):
    """A source with how it is doing. Its address is a secret and stands nowhere."""

    slug = serializers.CharField(source="source.slug")
    kind = serializers.CharField(source="source.kind")
    name = serializers.CharField(source="source.name")
    autonomy = serializers.CharField(source="source.autonomy")
    is_active = serializers.BooleanField(source="source.is_active")
    topics = serializers.ListField(source="source.topics", child=serializers.CharField())
    certificates = serializers.ListField(
        source="source.certificates", child=serializers.DictField(child=serializers.CharField())
    )
    full_since = serializers.DateTimeField(source="source.full_since", allow_null=True)
    last_delivery_at = serializers.DateTimeField(source="source.last_delivery_at", allow_null=True)
    state = serializers.CharField(source="health.state")
    health = serializers.CharField(source="health.sentence")
    silent_s = serializers.FloatField(source="health.silent_s", allow_null=True)
    usual_gap_s = serializers.FloatField(source="health.usual_gap_s", allow_null=True)
    deliveries_last_hour = serializers.IntegerField(source="last_hour")
    deliveries_per_minute = serializers.FloatField(source="per_minute")
    dead_last_hour = serializers.IntegerField(source="dead")
    waiting = serializers.IntegerField()


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A delivery: what came of it, and of a dead letter why."""

    id = serializers.CharField(source="uid")
    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]  # a field of that name
    size_bytes = serializers.IntegerField(read_only=True)

    class Meta:
        model = Delivery
        fields: ClassVar = [
            "id",
            "source",
            "received_at",
            "sha256",
            "size_bytes",
            "verdict",
            "state",
            "attempts",
            "replays",
            "events_count",
            "warnings",
            "error",
            "processed_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Delivery) -> dict[str, Any]:
        """By hand, as an alert is."""
        return {
            "id": instance.uid,
            "source": instance.source.slug,
            "received_at": instant(instance.received_at),
            "sha256": instance.sha256,
            "size_bytes": getattr(instance, "size_bytes", None),
            "verdict": instance.verdict,
            "state": instance.state,
            "attempts": instance.attempts,
            "replays": instance.replays,
            "events_count": instance.events_count,
            "warnings": instance.warnings,
            "error": instance.error,
            "processed_at": instant(instance.processed_at),
        }


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with what was received, as text."""

    body = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields: ClassVar = [*DeliverySerializer.Meta.fields, "headers", "body"]
        read_only_fields = fields

    def to_representation(self, instance: Delivery) -> dict[str, Any]:
        """With its headers and body."""
        return super().to_representation(instance) | {"headers": instance.headers, "body": self.get_body(instance)}

    @extend_schema_field(serializers.CharField())
    def get_body(self, delivery: Delivery) -> str:
        """As UTF-8; what is none stands as U+FFFD."""
        return bytes(delivery.body).decode("utf-8", "replace")


class ConfirmationSerializer(serializers.Serializer[Any]):
    """Which topic of SNS is to be confirmed."""

    topic_arn = serializers.CharField(max_length=300)
