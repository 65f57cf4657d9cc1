"""Questions about a request, and their answers, on the record."""

from django.db import models

from approvals.models.request import ApprovalRequest


class Question(models.Model):
    """A question that somebody asked before deciding.

    Attributes:
        asked_by: as the ledger writes it.
        to: `agent`, the id of a person, or empty for whoever can answer.
        answer: empty while it is open; `answered_by` as the ledger writes it.
        cites: name and digest of the stored documents that the answer was composed from.
        note: what the agents said where nothing that is stored answers it; it stays open then.
    """

    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="questions")
    asked_by = models.CharField(max_length=80)
    to = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    cites = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"question {self.pk} about request {self.request_id}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered."""
        return self.answered_at is None
