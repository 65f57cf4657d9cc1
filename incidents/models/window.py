"""A time in which alerts are expected, or in which agents keep their hands off."""

from datetime import datetime

from django.db import models

from core.permissions import Places, place
from incidents.correlation.windows import Kind, Window
from incidents.models.service import Service

KINDS = ((Kind.MAINTENANCE.value, "Maintenance"), (Kind.FREEZE.value, "Change freeze"))


class MaintenanceWindow(models.Model):
    """A maintenance window or a change freeze: who, why, from, until, and what it is about.

    Attributes:
        opened_by: the actor; ended_by: who ended it early, empty where it ran out.
        services, environment, labels: what it covers; what is empty narrows nothing.
        settled_at: when everything that it hid had been judged anew; from then on it is over for good.
        hid, came_back: how many alerts it hid in all, and how many of those still fired at its end.
    """

    kind = models.CharField(max_length=12, choices=KINDS)
    why = models.CharField(max_length=300)
    services = models.JSONField(default=list)
    environment = models.CharField(max_length=80, blank=True)
    labels = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    opened_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    ended_by = models.CharField(max_length=120, blank=True)
    ended_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, db_index=True)
    hid = models.PositiveIntegerField(default=0)
    came_back = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.why}"

    @property
    def subject(self) -> str:
        """As the ledger says it."""
        return f"window:{self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Whether it is in force at this moment."""
        return self.as_value().is_open(now)

    def state(self, now: datetime) -> str:
        """`planned`, `open`, or `over`."""
        if self.is_open(now):
            return "open"
        is_over = self.ended_at is not None or self.settled_at is not None or now >= self.until
        return "over" if is_over else "planned"

    def places(self) -> Places:
        """The services that it names, for roles that are held in a part; none where it names none."""
        known = {found.slug: found for found in Service.objects.filter(slug__in=self.services)}
        return tuple(
            known[slug].places()[0] if slug in known else place(self.environment, slug) for slug in self.services
        )

    def as_value(self) -> Window:
        """For deciding code."""
        return Window(
            id=self.pk or 0,
            kind=Kind(self.kind),
            why=self.why,
            starts_at=self.starts_at,
            until=self.until,
            services=frozenset(self.services),
            environment=self.environment,
            labels=self.labels,
            is_over=self.ended_at is not None or self.settled_at is not None,
        )
