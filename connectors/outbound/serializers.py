"""How webhooks look in the API."""

from typing import Any

from rest_framework import serializers

from connectors.services.resume_webhook import SKIPS


class NewWebhookSerializer(serializers.Serializer[Any]):
    """What makes a webhook."""

    name = serializers.CharField(max_length=60)
    url = serializers.CharField(max_length=500, trim_whitespace=False)
    events = serializers.ListField(child=serializers.CharField(max_length=80), min_length=1, max_length=50)


class WebhookSerializer(serializers.Serializer[Any]):
    """A webhook and how it stands."""

    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=["active", "failing", "paused", "stopped"])
    why = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    records_behind = serializers.IntegerField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    previous_secret_until = serializers.DateTimeField(allow_null=True)
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook whose secret is new; null where the answer is given again."""

    secret = serializers.CharField(allow_null=True)


class ResumptionSerializer(serializers.Serializer[Any]):
    """What to pass over."""

    skip = serializers.ChoiceField(choices=SKIPS, default="nothing")


class RotationSerializer(serializers.Serializer[Any]):
    """Whether the old secret stops counting now, instead of in a day."""

    at_once = serializers.BooleanField(default=False)


class TrialSerializer(serializers.Serializer[Any]):
    """What came of a test event; status 0 where nobody answered."""

    status = serializers.IntegerField()
    trouble = serializers.CharField()
    took_ms = serializers.IntegerField()


class WebhookDeliverySerializer(serializers.Serializer[Any]):
    """One event to one webhook."""

    id = serializers.CharField()
    seq = serializers.IntegerField()
    type = serializers.CharField()
    subject = serializers.CharField()
    attempts = serializers.IntegerField()
    status = serializers.IntegerField()
    error = serializers.CharField()
    took_ms = serializers.IntegerField()
    tried_at = serializers.DateTimeField()
    is_delivered = serializers.BooleanField()
