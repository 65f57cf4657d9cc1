"""How a source of the kind `mapped` is read, version by version."""

from typing import ClassVar

from django.db import models

from connectors.models.source import Source


class SourceMapping(models.Model):
    """One version of a source's mapping; the highest is in force, and none is ever changed.

    Attributes:
        document: what `connectors.mapping.document.check` takes.
        made_by: the actor's id.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    version = models.PositiveIntegerField()
    document = models.JSONField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "version"], name="mapping_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} version {self.version}"
