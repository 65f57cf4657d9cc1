"""What happened, one row a fact, written in the transaction that made it true."""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One ledger entry.

    Attributes:
        uid: random id, inside the body.
        actor: `person:<id>`, `agent:<name>` or `service:<name>`.
        verb: `<noun>.<past participle>`, such as `incident.acknowledged`.
        subject: `<noun>:<id>`, such as `incident:42`.
        body: canonical JSON; these bytes are the leaf. Holds no personal data and no facts, only a commitment to them.
        facts: canonical JSON of the particulars, shown by permission; committed to as SHA-256(salt || facts).
    """

    uid = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120, db_index=True)
    verb = models.CharField(max_length=80, db_index=True)
    subject = models.CharField(max_length=120, db_index=True)
    body = models.BinaryField()
    facts = models.BinaryField()
    facts_salt = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "id"], name="entry_subject_id")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class Mention(models.Model):
    """Which other subjects an entry is about, so that an incident's timeline is one indexed read."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="mentions")
    subject = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "entry"], name="mention_subject_entry")]

    def __str__(self) -> str:
        return self.subject


class Pending(models.Model):
    """An entry that has no place in the tree yet; the sequencer deletes the row when it gives it one."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="pending")

    def __str__(self) -> str:
        return f"pending {self.entry_id}"
