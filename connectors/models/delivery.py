"""The inbox: what was sent to us, byte by byte, before anybody looked at it."""

from typing import ClassVar

from django.db import models

from connectors.models.source import Source


class DeliveryState(models.TextChoices):
    """What became of a delivery."""

    WAITING = "WAITING"
    DONE = "DONE"
    IGNORED = "IGNORED"
    DEAD = "DEAD"


class Delivery(models.Model):
    """One accepted request body.

    Attributes:
        uid: what the sender got as `delivery_id`.
        headers: an allow-list of the request's headers.
        error: why it is a dead letter, for people.
    """

    uid = models.CharField(max_length=32, unique=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries")
    received_at = models.DateTimeField(db_index=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    events_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "id"], name="delivery_state_first")]

    def __str__(self) -> str:
        return self.uid
