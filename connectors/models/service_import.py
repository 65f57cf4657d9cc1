"""Services of a CMDB on their way into the catalogue: first looked at, then entered when somebody says so."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from connectors.models.connection import Connection


class ImportState(models.TextChoices):
    """How far an import is."""

    LOOKING = "LOOKING"
    READY = "READY"
    ENTERING = "ENTERING"
    DONE = "DONE"
    FAILED = "FAILED"


class ServiceImport(models.Model):
    """The newest import of a connection.

    Attributes:
        asked_by: who asked for what it is doing; entered is as that person.
        found: the services over there, each with what it needs and what entering it does; None before they were read.
        position: up to where they were gone through, when looking and again when entering.
        left: sentences about what is not taken.
        error: why it failed, as a sentence.
        began_at: when what it is doing began; looked_at: when the look was over, ended_at when all of it was.
        held_until: one worker goes on with it at a time.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="service_import")
    asked_by = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.LOOKING)
    found = models.JSONField(null=True)
    position = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=list)
    error = models.CharField(max_length=500, blank=True)
    began_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"import of {self.connection_id}"

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has something to do."""
        return self.state in {ImportState.LOOKING, ImportState.ENTERING}

    @classmethod
    def due(cls, now: datetime) -> "models.QuerySet[ServiceImport]":
        """Those that are under way and that nobody goes on with."""
        free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        return cls.objects.filter(free, state__in=[ImportState.LOOKING, ImportState.ENTERING])
