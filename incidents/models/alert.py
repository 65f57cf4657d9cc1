"""One de-duplicated signal from a source."""

from typing import ClassVar

from django.db import models

from core.permissions import Places, place
from incidents.models.incident import Incident
from incidents.models.service import Service


class Alert(models.Model):
    """An alert, folded from events by fingerprint; a new row each time it fires again after resolving.

    Attributes:
        fingerprint: version-prefixed SHA-256 over source and the sender's identifying fields.
        status: firing, acknowledged, resolved, suppressed, pending.
        last_event_at: event time of the newest event folded in; older events change nothing.
    """

    source = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=80)
    status = models.CharField(max_length=20, db_index=True)
    severity = models.CharField(max_length=10)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    service = models.CharField(max_length=120, blank=True, db_index=True)
    environment = models.CharField(max_length=80, blank=True)
    labels = models.JSONField(default=dict)
    links = models.JSONField(default=list)
    metric = models.JSONField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    delivery_id = models.CharField(max_length=40)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="alerts")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["fingerprint", "-id"], name="alert_fingerprint_latest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"],
                condition=~models.Q(status="resolved"),
                name="one_live_alert_a_fingerprint",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def places(self) -> Places:
        """Its service, for roles that are held in a part."""
        known = Service.objects.filter(slug=self.service).first() if self.service else None
        if known is not None:
            return known.places()
        return (place(self.environment, self.service),) if self.service else ()
