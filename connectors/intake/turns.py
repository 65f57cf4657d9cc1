"""Whose deliveries are read next: every source that has something waiting gets its turn in each batch."""

from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from connectors.models import Delivery, DeliveryState, Source

AT_ONCE: Final = 100
BYTES: Final = 16_000_000
"""Of bodies, from which on a claim takes no more; it had at most `AT_ONCE` bodies too many by then."""


@dataclass(slots=True)
class Turns:
    """One drain's way through the inbox, so that a delivery that was put off is not claimed again at once.

    Attributes:
        passed: by source, the newest delivery that this drain has claimed.
        last: the source that was served last; the next batch begins with the one after it.
        spent: whether the last claim came to the end of what waited.
    """

    passed: dict[int, int] = field(default_factory=dict)
    last: int = 0
    spent: bool = False

    def claim(self, limit: int) -> list[Delivery]:
        """Lock up to `limit` deliveries: each source's oldest, in equal shares; what one leaves the others get.

        Call it in a transaction. What others have locked is passed over. Where bodies are large, it ends before.
        """
        claimed: list[Delivery] = []
        queue, size, self.spent = self._queue(), 0, False
        while queue:
            share, more = max(1, min(AT_ONCE, (limit - len(claimed)) // len(queue))), []
            for source in queue:
                found = list(self._oldest(source)[: min(share, limit - len(claimed))])
                for delivery in found:
                    delivery.source = source
                if found:
                    self.passed[source.pk] = found[-1].pk
                    self.last = source.pk
                    claimed += found
                    size += sum(len(delivery.body) for delivery in found)
                if len(found) == share:
                    more.append(source)
                if len(claimed) == limit or size >= BYTES:
                    return claimed
            queue = more
        self.spent = True
        return claimed

    def _queue(self) -> list[Source]:
        """The sources with something waiting, from the one after the last served."""
        waiting = Delivery.objects.filter(source=OuterRef("pk"), state=DeliveryState.WAITING)
        found = list(Source.objects.filter(Exists(waiting)).order_by("pk"))
        return [one for one in found if one.pk > self.last] + [one for one in found if one.pk <= self.last]

    def _oldest(self, source: Source) -> QuerySet[Delivery]:
        after = self.passed.get(source.pk, 0)
        waiting = Delivery.objects.filter(source=source, state=DeliveryState.WAITING, pk__gt=after)
        return waiting.select_for_update(skip_locked=True, of=("self",)).order_by("id")
