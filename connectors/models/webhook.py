"""Where events go out to, and what came of each."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Webhook(models.Model):
    """An address that is told what happens, record by record, in the order of the ledger.

    The ledger is the outbox: a row only says which record is next. So nothing is lost, however long it fails.

    Attributes:
        name: a short name, such as `chat`.
        events: patterns of what it is told, such as `incident.*`.
        secret: the sealed signing secrets, `current` and, while it is replaced, `previous`, which counts until
            `previous_until`.
        paused_because: why it stopped by itself; empty where a person paused it.
        next_seq: the record it is to be told next.
        attempts, error: of that record, so far.
        due_at: not before then; held_until: one worker sends at a time, and `tried_at` tells whose turn it is.
    """

    name = models.CharField(max_length=60, unique=True)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.BinaryField()
    previous_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    paused_because = models.CharField(max_length=500, blank=True)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    next_seq = models.BigIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def due(cls, now: datetime, latest: int) -> "models.QuerySet[Webhook]":
        """Those with a record to look at that nobody is sending; who waited longest comes first."""
        found = cls.free(now).filter(is_active=True, next_seq__lte=latest)
        return found.order_by(F("tried_at").asc(nulls_first=True), "pk")

    @classmethod
    def free(cls, now: datetime) -> "models.QuerySet[Webhook]":
        """Those that may be tried now and that nobody is trying."""
        unheld = Q(held_until__isnull=True) | Q(held_until__lt=now)
        return cls.objects.filter(unheld, Q(due_at__isnull=True) | Q(due_at__lte=now))


class WebhookDelivery(models.Model):
    """One record told to one webhook, or the attempts at it; the newest are kept.

    Attributes:
        uid: the event's id, which the receiver sees as `webhook-id` at every attempt.
        status: of the last answer; 0 where there was none, and `error` says why.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    uid = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=100)
    subject = models.CharField(max_length=120)
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField()
    is_delivered = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "uid"], name="one_row_a_webhook_and_event"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.webhook_id}"
