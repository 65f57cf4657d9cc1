"""Inner hashes of the tree, worked out once."""

from django.db import models


class Tile(models.Model):
    """What was worked out of a hash tile above the leaves; a cache, which anybody can work out again from the leaves.

    Attributes:
        level: 1 and more; each hash stands for 256 to the power of `level` leaves.
        number: of the tile within its level.
        hashes: 32 bytes for each full subtree, as many as were asked for so far.
    """

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["level", "number"], name="tile_once"),)

    def __str__(self) -> str:
        return f"tile {self.level}/{self.number}"
