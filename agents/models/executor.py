"""Who executes: one process at a time for an audience, as the pages show it and as executors agree among themselves."""

from django.db import models


class Executor(models.Model):
    """The executor's sign of life, its lease, and what it has to say.

    Attributes:
        audience: which changes it takes, such as `executor:lab`.
        holder: random id of the state folder that holds the lease, until `until`.
        fencing: goes up whenever another one takes over; who finds a higher one than its own stops.
        account: user id and host that it runs under, to tell whether it stands apart.
        size: how much of the log it has verified.
        trouble: why it refuses everything now; empty if it does not.
    """

    audience = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    fencing = models.BigIntegerField(default=0)
    account = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.audience} {self.fencing}"
