"""One de-duplicated signal from a source."""

from typing import ClassVar

from django.db import models

from core.permissions import Places, place
from incidents.models.incident import Incident
from incidents.models.service import Service
from incidents.models.window import MaintenanceWindow


class Alert(models.Model):
    """An alert, folded from events by fingerprint; a new row each time it fires again after resolving.

    Attributes:
        fingerprint: version-prefixed SHA-256 over source and the sender's identifying fields.
        status: firing, acknowledged, resolved, suppressed, pending.
        told: the status in the sender's last words; `status` differs from it while the console holds an alert back.
        held_because: why a live alert has no incident yet, in a sentence; `window` the last window that hid it.
        rule: the rule that holds it back, or would; `team` as told or as a rule sets it.
        autonomy: what its source allows agents, for when it is judged anew.
        last_event_at: event time of the newest event folded in; older events change nothing.
    """

    source = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=80)
    status = models.CharField(max_length=20)
    told = models.CharField(max_length=20, blank=True)
    severity = models.CharField(max_length=10)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    service = models.CharField(max_length=120, blank=True)
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
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    window = models.ForeignKey(
        MaintenanceWindow, null=True, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    is_flapping = models.BooleanField(default=False)
    team = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    held_because = models.CharField(max_length=400, blank=True)
    autonomy = models.CharField(max_length=10, default="observe")

    class Meta:
        # Each costs every new alert: one for each filter of the list, newest first, and those of few rows for few rows.
        # Ids ascend within them, so that new entries fill pages in order; lists read them backwards.
        indexes: ClassVar = [
            models.Index(fields=["fingerprint", "-id"], name="alert_fingerprint_latest"),
            models.Index(fields=["status", "id"], name="alert_status"),
            models.Index(fields=["severity", "id"], name="alert_severity"),
            models.Index(fields=["service", "id"], name="alert_service"),
            models.Index(fields=["source", "id"], name="alert_source"),
            models.Index(fields=["service", "id"], name="alert_live", condition=~models.Q(status="resolved")),
            models.Index(fields=["incident", "id"], name="alert_incident", condition=models.Q(incident__isnull=False)),
            models.Index(fields=["window"], name="alert_window", condition=models.Q(window__isnull=False)),
            models.Index(fields=["rule"], name="alert_rule", condition=~models.Q(rule="")),
        ]
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
