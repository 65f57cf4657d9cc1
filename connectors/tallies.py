"""Count deliveries by source and span as they are read, in the same transaction: a page never counts them itself."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F

from connectors.models import Delivery, DeliveryState, Tally

SPAN: Final = timedelta(minutes=10)
UNCLASSIFIED: Final = "recorded as unclassified"
"""What `told.Source.status_of` says in a warning."""

Key = tuple[int, datetime]


def span_of(at: datetime) -> datetime:
    """When the span that a moment lies in begins."""
    passed = (at - datetime.min.replace(tzinfo=UTC)) % SPAN
    return at - passed


def is_unclassified(delivery: Delivery) -> bool:
    """Whether it told a status that is not known."""
    return any(UNCLASSIFIED in str(warning) for warning in delivery.warnings)


def count_in(settled: Iterable[Delivery]) -> None:
    """Count deliveries that were read. Call it in the transaction that says so of them."""
    for (source, at), new in sorted(_counts(settled).items()):
        if _add(source, at, new):
            continue
        try:
            with transaction.atomic():
                Tally.objects.create(source_id=source, at=at, **new)
        except IntegrityError:  # somebody else began the span meanwhile
            _add(source, at, new)


def count_out(deliveries: Iterable[Delivery]) -> None:
    """Count no longer what waits to be read again; call it while they still say what became of them."""
    for (source, at), gone in sorted(_counts(deliveries).items()):
        _add(source, at, Counter({name: -number for name, number in gone.items()}))


def _counts(deliveries: Iterable[Delivery]) -> dict[Key, Counter[str]]:
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    for delivery in deliveries:
        found[delivery.source_id, span_of(delivery.received_at)] += Counter(
            count=1, dead=int(delivery.state == DeliveryState.DEAD), unclassified=int(is_unclassified(delivery))
        )
    return found


def _add(source: int, at: datetime, more: Counter[str]) -> int:
    changes = {name: F(name) + number for name, number in more.items()}
    return Tally.objects.filter(source=source, at=at).update(**changes)
