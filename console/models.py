"""The shell's own few rows."""

from django.db import models


class Heartbeat(models.Model):
    """When a worker last took a task; readiness looks at it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
