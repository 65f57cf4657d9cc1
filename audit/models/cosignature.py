"""What witnesses said about our checkpoints."""

from django.db import models

from audit.models.log import Checkpoint


class Cosignature(models.Model):
    """A witness's line under a checkpoint (C2SP tlog-cosignature); whoever has its key can check it.

    Attributes:
        witness: the name under which it signs.
        key: the first four bytes of its key's id, in hex.
        line: as it stands in the note, with the newline.
        stated_at: the time that the witness states; its word, not ours.
    """

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    key = models.CharField(max_length=8)
    line = models.TextField()
    stated_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["checkpoint", "witness", "key"], name="cosigned_once"),)

    def __str__(self) -> str:
        return f"{self.witness} on {self.checkpoint_id}"
