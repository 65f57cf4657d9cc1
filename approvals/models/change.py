"""A plan frozen for approval."""

import json

from django.db import models

from core.permissions import Places


class Change(models.Model):
    """An index row over an immutable document; the bytes in `audit.Document` are the change.

    Attributes:
        digest: SHA-256 of the canonical bytes, lower-case hex.
        uid: the change's own id, equal over its versions.
        incident: subject of the incident it is for, such as `incident:42`.
        intent: the sentence that is signed.
        tier: LOW, MEDIUM, HIGH, CRITICAL, and `score` behind it.
        covered_by: JSON text: for each target, the scopes that cover it. It decides who may look and who is asked,
            never what a signature counts for.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    uid = models.CharField(max_length=32, db_index=True)
    version = models.PositiveIntegerField()
    incident = models.CharField(max_length=120, db_index=True)
    intent = models.TextField()
    tier = models.CharField(max_length=10)
    score = models.PositiveIntegerField()
    covered_by = models.TextField(default="[]")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.uid}@{self.version}"

    def places(self) -> Places:
        """Its targets, for roles that are held in a part."""
        return tuple(frozenset(scopes) for scopes in json.loads(self.covered_by))
