"""How much waits to be read, of each source and in all; counted rarely while there is room."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from audit import ledger
from connectors.models import Delivery, DeliveryState, Source
from core import clock, live
from core.actors import INTAKE
from core.errors import OverloadedError

FRESH_S = 1.0
RETRY_AFTER_S = 5
FULL = -1


@dataclass(slots=True)
class _Room:
    """What the last count leaves this process to accept before it counts again; FULL where there was no room."""

    limits: tuple[int, int] = (0, 0)
    left: int = 0
    each: int = 0
    by_source: dict[int, int] = field(default_factory=dict)
    until: float = 0.0


_room = _Room()


def require_room(source: Source) -> None:
    """Refuse when as many deliveries wait as may wait, of this source or in all.

    After a count, a process accepts at most half of the room it saw, for at most a second, without counting again.
    The first refusal of a source is an entry of the ledger; the drain makes another when there is room again.

    Raises:
        OverloadedError: The inbox is full; the sender should come again.
    """
    limits = (settings.INTAKE_MAX_WAITING, settings.INTAKE_MAX_WAITING_EACH)
    fresh = _room.limits == limits and clock.monotonic() < _room.until
    own = _room.by_source.setdefault(source.pk, _room.each) if fresh else 0
    if fresh and _room.left > 0 and own > 0:
        _room.left -= 1
        _room.by_source[source.pk] = own - 1
        return
    if not fresh or (_room.left >= 0 and own >= 0):
        _count(limits)
        own = _room.by_source.get(source.pk, _room.each)
    if _room.left >= 0 and own >= 0:
        return
    if source.full_since is None:
        _tell(source, "it" if own < 0 else "all")
    whose = "As many deliveries of this source wait" if own < 0 else "As many deliveries wait"
    detail = f"{whose} to be read as may wait. Nothing was accepted; send this again in a few seconds."
    raise OverloadedError(detail)


def _count(limits: tuple[int, int]) -> None:
    waiting = waiting_by_source()
    _room.limits, _room.until = limits, clock.monotonic() + FRESH_S
    _room.left, _room.each = _half(limits[0] - sum(waiting.values())), _half(limits[1])
    _room.by_source = {pk: _half(limits[1] - count) for pk, count in waiting.items()}


def _half(room: int) -> int:
    """Half of the room there is; FULL where there is none."""
    return room // 2 if room > 0 else FULL


def waiting_by_source(ids: Iterable[int] | None = None) -> dict[int, int]:
    """How many deliveries wait, by source: of these sources, or of all."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by()
    if ids is not None:
        waiting = waiting.filter(source__in=list(ids))
    return dict(waiting.values_list("source").annotate(Count("pk")))


def relieve() -> None:
    """Note of each source that was refused that there is room again, once less than half of it is taken."""
    full = list(Source.objects.filter(full_since__isnull=False))
    if not full:
        return
    waiting = waiting_by_source()
    if sum(waiting.values()) * 2 >= settings.INTAKE_MAX_WAITING:
        return
    for source in full:
        if waiting.get(source.pk, 0) * 2 < settings.INTAKE_MAX_WAITING_EACH:
            _relieve(source)


def forget() -> None:
    """Count again at the next delivery."""
    _room.limits = (0, 0)


@transaction.atomic
def _tell(source: Source, full: str) -> None:
    """Make the one entry of a source's overload, whoever of many refuses first."""
    if not Source.objects.filter(pk=source.pk, full_since__isnull=True).update(full_since=clock.now()):
        return
    facts = {"name": source.name, "full": full}
    ledger.append(actor=INTAKE, verb="source.overloaded", subject=f"source:{source.slug}", facts=facts)
    live.changed("queue", "sources")


@transaction.atomic
def _relieve(source: Source) -> None:
    if not Source.objects.filter(pk=source.pk, full_since=source.full_since).update(full_since=None):
        return
    ledger.append(actor=INTAKE, verb="source.relieved", subject=f"source:{source.slug}", facts={"name": source.name})
    live.changed("queue", "sources")
