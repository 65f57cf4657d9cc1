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
        facts: canonical JSON of the particulars, shown by permission; committed to as SHA-256(salt || facts). Empty,
            with an empty salt, once an `Erasure` names the entry.
    """

    uid = models.CharField(max_length=32)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    body = models.BinaryField()
    facts = models.BinaryField()
    facts_salt = models.BinaryField()

    class Meta:
        # Not `unique` and `db_index`: PostgreSQL would get a second index for LIKE with each, and appending would pay.
        constraints: ClassVar = [models.UniqueConstraint(fields=["uid"], name="entry_uid")]
        indexes: ClassVar = [
            models.Index(fields=["subject", "id"], name="entry_subject_id"),
            models.Index(fields=["actor"], name="entry_actor"),
            models.Index(
                fields=["verb"], name="entry_verb", opclasses=["varchar_pattern_ops"]
            ),  # LIKE 'incident.%' too
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class Mention(models.Model):
    """Which other subjects an entry is about, so that an incident's timeline is one indexed read.

    Without a foreign key in the database, as `Pending` and `Leaf`: entries are never removed, these rows are written
    with them, and each check would lock and rewrite the entry. What does not fit together is found by `audit fsck`.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="mentions", db_constraint=False)
    subject = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "entry"], name="mention_subject_entry")]

    def __str__(self) -> str:
        return self.subject


class Pending(models.Model):
    """An entry that has no place in the tree yet; the sequencer deletes the row when it gives it one.

    Attributes:
        priority: 0 goes first: decisions, intents, revocations and what the reconciler finds; 1 is everything else.
    """

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="pending", db_constraint=False
    )
    priority = models.SmallIntegerField(default=1)  # without an index: few rows wait, and each append would pay for it

    def __str__(self) -> str:
        return f"pending {self.entry_id}"


class Erasure(models.Model):
    """That the facts of an entry may go, and which entry orders it; without such a row the guards refuse.

    Attributes:
        order: the entry `person.erased`, with the signed order among its documents.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="erasure")
    order = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="erasures")

    def __str__(self) -> str:
        return f"erased {self.entry_id}"
