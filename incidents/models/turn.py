"""One at a time."""

from django.db import models


class Turn(models.Model):
    """The single row (id 1) that whoever folds alerts into incidents holds until its commit.

    Two alerts on one call path that arrive at the same moment must see each other's incident; one short turn
    is cheaper than finding out afterwards. It is always taken before any alert or incident row.
    """

    def __str__(self) -> str:
        return "whose turn it is"

    @classmethod
    def take(cls) -> None:
        """Wait for the turn; it ends with the transaction."""
        if cls.objects.select_for_update().filter(pk=1).first() is None:
            cls.objects.get_or_create(pk=1)
            cls.objects.select_for_update().get(pk=1)
