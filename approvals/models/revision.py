"""Plans that a person edited: frozen, and asked about once the person has signed that the edit is theirs."""

from django.db import models

from approvals.models.change import Change
from approvals.models.request import ApprovalRequest


class Revision(models.Model):
    """A new version of a change.

    Attributes:
        revises: the request that it replaces.
        made_by: as the ledger writes it; `why` in their words.
        ruling: the stored inputs and outcome of the decision, replayable; the request gets it when it is opened.
        signature_needed: whether it is above MEDIUM, so that its author must sign it (act `author-change`).
        expires_at: until when that signature is taken.
        opened_at: when the request for it was opened.
    """

    change = models.OneToOneField(Change, on_delete=models.PROTECT, related_name="revision", primary_key=True)
    revises = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="revisions")
    made_by = models.CharField(max_length=80)
    why = models.CharField(max_length=500, blank=True)
    ruling = models.JSONField(default=dict)
    signature_needed = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"revision {self.change_id[:12]}"
