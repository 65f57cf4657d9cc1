"""The tree over the entries: leaves, signed heads, and how far each follower has read."""

from django.db import models

from audit.models.entry import Entry


class Leaf(models.Model):
    """An entry's place in the tree (RFC 6962): `leaf_hash` is SHA-256(0x00 || body)."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="leaf")
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


class Cursor(models.Model):
    """How far a follower of the ledger has read: the next sequence number it wants."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.seq}"
