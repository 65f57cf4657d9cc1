"""Whose deliveries are read next: every source that has something waiting gets its turn in each batch."""

from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from connectors.models import Delivery, DeliveryState, Source

FEW: Final = 20
"""Of a source in one batch while nothing is known of how large its bodies are."""
BYTES: Final = 1_200_000
"""Of bodies in a batch, about 2,000 events: enough to share what a transaction costs, few enough to hold nobody up."""


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
        size, self.spent = 0, False
        queue = [(source, FEW) for source in self._queue()]
        while queue:
            fair, more = max(1, (limit - len(claimed)) // len(queue)), []
            for source, few in queue:
                share = min(few, fair, limit - len(claimed))
                found = list(self._oldest(source)[:share])
                own = sum(len(delivery.body) for delivery in found)
                size += own
                self._take(source, found, claimed)
                if len(found) == share:
                    more.append((source, max(1, (BYTES - size) * share // max(1, own))))
                if len(claimed) == limit or size >= BYTES:
                    return claimed
            queue = more
        self.spent = True
        return claimed

    def _take(self, source: Source, found: list[Delivery], claimed: list[Delivery]) -> None:
        for delivery in found:
            delivery.source = source
        if found:
            self.passed[source.pk], self.last = found[-1].pk, source.pk
            claimed += found

    def _queue(self) -> list[Source]:
        """The sources with something waiting, from the one after the last served."""
        waiting = Delivery.objects.filter(source=OuterRef("pk"), state=DeliveryState.WAITING)
        found = list(Source.objects.filter(Exists(waiting)).order_by("pk"))
        return [one for one in found if one.pk > self.last] + [one for one in found if one.pk <= self.last]

    def _oldest(self, source: Source) -> QuerySet[Delivery]:
        after = self.passed.get(source.pk, 0)
        waiting = Delivery.objects.filter(source=source, state=DeliveryState.WAITING, pk__gt=after)
        return waiting.select_for_update(skip_locked=True, of=("self",)).order_by("id")
