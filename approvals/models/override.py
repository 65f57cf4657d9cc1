"""Emergency overrides and their reviews: index rows over signed statements and acts, which alone count."""

from typing import ClassVar

from django.db import models

from approvals.models.request import ApprovalRequest


class Override(models.Model):
    """One person took a change on themselves.

    Attributes:
        statement_sha256: digest of the signed override; the ledger holds it whatever becomes of this row.
        reason: why, in their words; the statement commits to it.
        expires_at: until when it may still start; `review_by` until when others must have looked at it.
    """

    statement_sha256 = models.CharField(max_length=64, primary_key=True)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="overrides")
    person_id = models.CharField(max_length=16, db_index=True)
    reason = models.TextField()
    used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    review_by = models.DateTimeField()

    def __str__(self) -> str:
        return f"override {self.statement_sha256[:12]}"


class OverrideReview(models.Model):
    """Somebody else's signed look at an override.

    Attributes:
        verdict: upheld or objected; `note` in their words.
    """

    override = models.ForeignKey(Override, on_delete=models.CASCADE, related_name="reviews")
    person_id = models.CharField(max_length=16)
    verdict = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    act_sha256 = models.CharField(max_length=64)
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["override", "person_id"], name="one_review_a_person_and_override")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.person_id}"
