"""Versions of the policy bundle."""

from django.db import models


class PolicyVersion(models.Model):
    """A signed policy bundle; the bytes are `audit.Document`s. The highest version is in force."""

    version = models.PositiveIntegerField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    signature_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"policy {self.version}"
