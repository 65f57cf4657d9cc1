"""An alert that fires and resolves again and again."""

from typing import ClassVar

from django.db import models

from incidents.models.incident import Incident


class Flapping(models.Model):
    """A time in which the alert of a fingerprint flaps; from `since` until `calm_at`.

    Attributes:
        incident: the one that stays open meanwhile.
        last_change_at: when it last fired or resolved, by our own clock.
    """

    source = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=80)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="flaps")
    title = models.CharField(max_length=300)
    since = models.DateTimeField()
    last_change_at = models.DateTimeField()
    changes = models.PositiveIntegerField()
    calm_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"],
                condition=models.Q(calm_at__isnull=True),
                name="one_flapping_a_fingerprint",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} flaps"
