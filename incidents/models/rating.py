"""What people think of an alert."""

from typing import ClassVar

from django.db import models

from incidents.models.alert import Alert


class Rating(models.Model):
    """One person's word on one alert: useful, or noise. The last word counts.

    Attributes:
        by: the person's actor id.
    """

    USEFUL, NOISE = "useful", "noise"
    VERDICTS = (USEFUL, NOISE)

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="ratings")
    by = models.CharField(max_length=120)
    verdict = models.CharField(max_length=6, choices=((USEFUL, "Useful"), (NOISE, "Noise")))
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "by"], name="one_rating_a_person")]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.alert_id}"
