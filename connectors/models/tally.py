"""How many deliveries came, in spans of ten minutes."""

from typing import ClassVar

from django.db import models

from connectors.models.source import Source


class Tally(models.Model):
    """What of a source came within one span and was read: pages and rhythms are told by it, not by counting deliveries.

    Attributes:
        at: when the span begins.
        count: deliveries, of which `dead` are dead letters, and `unclassified` told a status that is not known.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="tallies", db_index=False)
    at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    dead = models.PositiveIntegerField(default=0)
    unclassified = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "at"], name="one_tally_a_span")]

    def __str__(self) -> str:
        return f"{self.count} from {self.at:%Y-%m-%d %H:%M}"
