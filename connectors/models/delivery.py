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
    """One accepted request body. What was received never changes (the database refuses it); what became of it does.

    Attributes:
        uid: what the sender got as `delivery_id`.
        headers: an allow-list of the request's headers, by lower-case name.
        verdict: what was found about a signature when it came in, such as `sns`; empty where nothing was signed.
        batch: the uid in the subject of the ledger entry whose Merkle root covers the body's digest.
        replays: how often a person had it read again.
        error: why it is a dead letter, for people.
    """

    uid = models.CharField(max_length=32, unique=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    received_at = models.DateTimeField(db_index=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    verdict = models.CharField(max_length=20, blank=True)
    batch = models.CharField(max_length=32, blank=True)
    replays = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    events_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="delivery_state_first"),
            models.Index(fields=["source", "-id"], name="delivery_source_latest"),
            models.Index(fields=["source", "id"], name="delivery_waiting", condition=models.Q(state="WAITING")),
        ]

    def __str__(self) -> str:
        return self.uid
