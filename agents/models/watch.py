"""Readings of the symptom after acting."""

from django.db import models

from agents.models.remediation import Remediation


class Reading(models.Model):
    """One look at the symptom during VALIDATING; `value` is null where the source did not answer."""

    remediation = models.ForeignKey(Remediation, on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    healthy = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.value} {self.healthy}"
