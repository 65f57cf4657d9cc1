"""The tree over the entries: leaves, signed heads, and how far each follower has read."""

from django.db import models

from audit.models.entry import Entry


class Leaf(models.Model):
    """An entry's place in the tree (RFC 6962): `leaf_hash` is SHA-256(0x00 || body)."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="leaf", db_constraint=False)
    leaf_hash = models.BinaryField()

    def __str__(self) -> str:
        return str(self.seq)


class Checkpoint(models.Model):
    """A signed head of the tree, as a C2SP signed note."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class LogState(models.Model):
    """The single row (id 1) that the sequencer holds: origin, size and the compact range of the tree."""

    origin = models.CharField(max_length=120)
    size = models.BigIntegerField(default=0)
    compact_range = models.JSONField(default=list)
    fencing = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Verification(models.Model):
    """The single row (id 1) of the examination that never ends: where it is, and what it last found.

    Attributes:
        size: how many records have been examined since the beginning; new ones are examined first.
        tip: the compact range over these, in hex.
        at: when it was last found that all `size` records are examined and none is left over.
        position: the next record in the pass that examines all records once more.
        passed: the compact range over the records before `position`, in hex.
        began_at: when that pass began.
        passes: how many passes were finished.
        problem: the first difference found, as a sentence; empty when there is none.
        problem_at: when it was found.
    """

    size = models.BigIntegerField(default=0)
    tip = models.JSONField(default=list)
    at = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)
    passed = models.JSONField(default=list)
    began_at = models.DateTimeField()
    passes = models.BigIntegerField(default=0)
    problem = models.TextField(default="")
    problem_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"verified {self.size}"


class Quota(models.Model):
    """How often something happened in the running window, so that nobody fills the ledger.

    Attributes:
        name: what is counted and for whom, such as `decision.refused person:7f3a`.
        counted: how often in the window.
        held_back: how many of them got no entry of their own yet; the roll-up tells them.
    """

    name = models.CharField(max_length=200, primary_key=True)
    since = models.DateTimeField()
    counted = models.IntegerField(default=0)
    held_back = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.counted}"


class Cursor(models.Model):
    """How far a follower of the ledger has read: the next sequence number it wants."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.seq}"
