"""Lent rights to sign: index rows over signed acts, which alone count."""

from django.db import models


class Delegation(models.Model):
    """A right to sign that one person lends to another.

    Attributes:
        uid: 32 hex digits, the id in the act's subject.
        actions, targets: for what; each by name, or `*` in `<environment>/*`.
        sidecar_sha256: the signed act; a decision made under it names this digest.
        ended_at: when one of the two ended it early.
    """

    uid = models.CharField(max_length=32, primary_key=True)
    delegator = models.CharField(max_length=16, db_index=True)
    delegate = models.CharField(max_length=16, db_index=True)
    actions = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    sidecar_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"delegation {self.uid[:12]}"
