"""Alerts with one believed cause."""

from typing import ClassVar

from django.db import models
from django_fsm import FSMField, FSMModelMixin, transition

from core.permissions import Places, place
from incidents.models.service import Service


class IncidentState(models.TextChoices):
    """Where an incident stands."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


class Incident(FSMModelMixin, models.Model):
    """An incident.

    Attributes:
        severity: S1 critical, S2 high, S3 warning, S4 info; the worst of its alerts.
        service: slug of the service it is believed to be about; `services` all that are touched.
        autonomy: observe, suggest or act: the most that agents may do here, from its source.
        storm_count: alerts taken into a storm; 0 for any other incident.
        began_at: event time of its first alert; last_activity_at: when anything was last heard about it.
        called_at: when a person was called, and `called_because` why in one sentence.
        held_by: person id of who took it over or acknowledged it.
    """

    title = models.CharField(max_length=300)
    state = FSMField(default=IncidentState.OPEN, choices=IncidentState.choices, protected=True)
    severity = models.CharField(max_length=2)
    service = models.CharField(max_length=120, blank=True)
    services = models.JSONField(default=list)
    environment = models.CharField(max_length=80, blank=True)
    autonomy = models.CharField(max_length=10, default="observe")
    storm_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(db_index=True)
    began_at = models.DateTimeField()
    last_activity_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=120, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)
    held_by = models.CharField(max_length=16, blank=True)
    called_at = models.DateTimeField(null=True)
    called_because = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="incident_state_latest"),
            models.Index(fields=["service", "id"], name="incident_service"),
            models.Index(fields=["severity", "id"], name="incident_severity"),
            models.Index(
                fields=["resolved_at"], name="incident_settled", condition=models.Q(resolved_at__isnull=False)
            ),
            models.Index(fields=["id"], name="incident_storm", condition=models.Q(storm_count__gt=0)),
            models.Index(
                fields=["severity", "began_at"],
                name="incident_worst",
                condition=models.Q(state__in=[IncidentState.OPEN.value, IncidentState.ACKNOWLEDGED.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """As people say it: INC-42."""
        return f"INC-{self.pk}"

    @property
    def subject(self) -> str:
        """As the ledger says it."""
        return f"incident:{self.pk}"

    def places(self) -> Places:
        """The services that it touches, for roles that are held in a part; one query."""
        touched = sorted({self.service, *self.services} - {""})
        known = {found.slug: found for found in Service.objects.filter(slug__in=touched)}
        return tuple(known[slug].places()[0] if slug in known else place(self.environment, slug) for slug in touched)

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody."""
        return self.state in {IncidentState.OPEN, IncidentState.ACKNOWLEDGED}

    @transition(field=state, source=IncidentState.OPEN, target=IncidentState.ACKNOWLEDGED)
    def acknowledge(self) -> None:
        """Somebody has it."""

    @transition(field=state, source=[IncidentState.OPEN, IncidentState.ACKNOWLEDGED], target=IncidentState.RESOLVED)
    def resolve(self) -> None:
        """The symptom is gone."""

    @transition(field=state, source=IncidentState.RESOLVED, target=IncidentState.CLOSED)
    def close(self) -> None:
        """Nothing is left to do about it."""
