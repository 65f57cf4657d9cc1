"""Immutable bytes, addressed by their SHA-256: changes, statements, signatures, evidence, policies."""

from django.db import models


class Document(models.Model):
    """Bytes kept once for ever.

    Attributes:
        sha256: lower-case hex of `content`.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"
