"""The installation's rules about alerts, each version kept."""

from django.db import models


class RuleSet(models.Model):
    """A version of the rules; the highest is in force.

    Attributes:
        text: the YAML as it was given; `sha256` its digest, by which the ledger names it.
    """

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    applied_by = models.CharField(max_length=120)
    applied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"alert rules {self.version}"

    @property
    def subject(self) -> str:
        """As the ledger says it."""
        return f"alert-rules:{self.version}"
