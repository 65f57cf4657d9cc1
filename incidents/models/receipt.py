"""What was answered to a request with an Idempotency-Key."""

from typing import ClassVar

from django.db import models


class Receipt(models.Model):
    """An answer that is given again when the same person repeats the same request under the same key.

    Attributes:
        request_sha256: digest of method, path and body; the same key with another request is refused.
    """

    actor = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "key"], name="one_receipt_a_key")]

    def __str__(self) -> str:
        return self.key
