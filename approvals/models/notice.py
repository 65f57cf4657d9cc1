"""What is to be told to a person outside the pages."""

from django.db import models


class Notice(models.Model):
    """A message on its way: kept until it was told, so that neither a crash nor a mail server loses it.

    Attributes:
        person_id: to whom.
        seq: the ledger entry that it is about.
        due_at: when to try next; `attempts` how often it was tried.
        told_at: when it was; `told_by` over what: mail, terminal, nothing.
    """

    person_id = models.CharField(max_length=16, db_index=True)
    seq = models.BigIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return f"notice {self.pk} to {self.person_id}"
