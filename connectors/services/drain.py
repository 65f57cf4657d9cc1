"""Read what waits in the inbox."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Q

from audit import ledger
from connectors import tallies
from connectors.adapters import adapter_of
from connectors.base import Outcome, Parsed, RawDelivery
from connectors.intake import backlog, envelopes, strict_json
from connectors.intake.turns import Turns
from connectors.models import Delivery, DeliveryState, Source
from connectors.registry import TICKETS
from connectors.services.heed_hint import heed_hint
from connectors.sources.cloud import sns
from connectors.sources.mapped import Mapped
from connectors.told import rejected
from core import bulk, clock, live
from core.actors import Actor
from core.errors import ConsoleError
from incidents.events import Status
from incidents.services.fold import fold_all
from proof import merkle

log = logging.getLogger(__name__)
Done = TypeVar("Done")

MOST = 500
"""Deliveries in one batch; fewer where they are large."""
MOST_BATCHES = 2000
MOST_ATTEMPTS = 3
SETTLED = ("state", "error", "processed_at", "batch", "attempts", "events_count", "warnings")
ASK_DATABASE = frozenset({*TICKETS, Mapped.slug})
"""Kinds of sources whose bodies are not understood by themselves alone."""
FAULTS = (ArithmeticError, AttributeError, DatabaseError, LookupError, RuntimeError, TypeError, ValueError)
"""What a body could provoke in an adapter or on its way into the tables; recorded with the delivery."""


@dataclass(slots=True)
class Drained:
    """What one drain did."""

    done: int = 0
    ignored: int = 0
    dead: int = 0
    put_off: int = 0
    events: int = 0
    settled: list[Delivery] = field(default_factory=list)


def drain(*, actor: Actor) -> Drained:
    """Read waiting deliveries in batches, of every source in turn, until none is left, or a bound is reached.

    Safe twice and beside others: each batch is claimed by row locks, and what a crash interrupts is rolled back whole.
    """
    total, turns = Drained(), Turns()
    for _ in range(MOST_BATCHES):
        batch = drain_batch(turns, limit=MOST, actor=actor)
        for name in ("done", "ignored", "dead", "put_off", "events"):
            setattr(total, name, getattr(total, name) + getattr(batch, name))
        if turns.spent:
            break
    backlog.relieve()
    return total


@transaction.atomic
def drain_batch(turns: Turns, *, limit: int, actor: Actor) -> Drained:
    """Claim and read one batch, with one entry that names the Merkle root over the bodies' digests.

    What was understood is folded together; if that fails, each delivery by itself, so that none takes its neighbours
    with it.
    """
    batch = Drained()
    read: list[tuple[Delivery, Parsed]] = []
    for delivery in turns.claim(limit):
        delivery.attempts += 1
        asks = delivery.source.kind in ASK_DATABASE
        parsed = _attempt(partial(_understand, delivery), delivery, batch, actor=actor, savepoint=asks)
        if parsed is not None:
            read.append((delivery, parsed))
    if not _fold_together(read, actor=actor):
        read = [one for one in read if _attempt(partial(_fold, [one], actor=actor), one[0], batch, actor=actor)]
    for delivery, parsed in read:
        _finish(delivery, parsed, batch, actor=actor)
    bulk.update(Delivery, batch.settled, SETTLED)
    if batch.settled:
        _record(batch, actor=actor)
    return batch


def _attempt(
    deed: Callable[[], Done], delivery: Delivery, batch: Drained, *, actor: Actor, savepoint: bool = True
) -> Done | None:
    """Do something about one delivery. What fails is settled as a dead letter or put off.

    What asks the database does so in a savepoint, so that its failure leaves the others' work as it is.
    """
    try:
        with transaction.atomic() if savepoint else nullcontext():
            return deed()
    except (OperationalError, InterfaceError):
        raise  # the database is busy or gone, which says nothing about this delivery
    except ConsoleError as error:
        if error.status >= 500:
            raise  # ours, not the sender's: such as a ledger that refuses to be written
        _settle(delivery, DeliveryState.DEAD, batch, error=error.detail, actor=actor)
    except FAULTS as error:
        log.exception("delivery could not be read", extra={"delivery": delivery.uid, "attempt": delivery.attempts})
        _put_off(delivery, batch, error, actor=actor)
    return None


def _understand(delivery: Delivery) -> Parsed:
    return heed_hint(delivery.source, _parsed(delivery))


def _fold_together(read: Sequence[tuple[Delivery, Parsed]], *, actor: Actor) -> bool:
    """Fold what many deliveries tell, in their order; whether it went well. If not, nothing of it is left."""
    try:
        with transaction.atomic():
            return _fold(read, actor=actor)
    except (OperationalError, InterfaceError):
        raise
    except (ConsoleError, *FAULTS):
        return False  # one by one it will come out whose fault it is


def _fold(read: Sequence[tuple[Delivery, Parsed]], *, actor: Actor) -> bool:
    told = []
    for delivery, parsed in read:
        known = [event for event in parsed.events if event.status is not Status.UNCLASSIFIED]
        delivery.events_count = len(known) if parsed.outcome is Outcome.EVENTS else 0
        told += [(event, delivery.source.autonomy) for event in known[: delivery.events_count]]
    fold_all(told, actor=actor)
    return True


def _parsed(delivery: Delivery) -> Parsed:
    body = bytes(delivery.body)
    if hashlib.sha256(body).hexdigest() != delivery.sha256:
        detail = "The stored body is not the one that was received."
        raise ConsoleError(detail)
    media = envelopes.media_of(_lower(delivery.headers).get("content-type", ""))
    value, odd = envelopes.opened(body, media)
    source = delivery.source
    refused = sns.refusal(value, delivery.verdict, source.topics) if source.kind == "aws" else ""
    parsed = rejected(refused) if refused else adapter_of(source).parse(raw(delivery, value))
    delivery.warnings = list(dict.fromkeys([*delivery.warnings, *odd, *parsed.warnings]))
    return parsed


def raw(delivery: Delivery, value: object) -> RawDelivery:
    """A delivery as an adapter sees it."""
    return RawDelivery(
        uid=delivery.uid,
        source=delivery.source.slug,
        received_at=delivery.received_at,
        value=value,
        headers=_lower(delivery.headers),
    )


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _finish(delivery: Delivery, parsed: Parsed, batch: Drained, *, actor: Actor) -> None:
    batch.events += delivery.events_count
    if parsed.outcome is Outcome.REJECT:
        _settle(delivery, DeliveryState.DEAD, batch, error=" ".join(parsed.warnings), actor=actor)
    else:
        state = DeliveryState.DONE if delivery.events_count else DeliveryState.IGNORED
        _settle(delivery, state, batch, actor=actor)


def _put_off(delivery: Delivery, batch: Drained, error: Exception, *, actor: Actor) -> None:
    said = strict_json.scrub(f"{type(error).__name__}: {error}")[:1000]
    if delivery.attempts >= MOST_ATTEMPTS:
        _settle(
            delivery, DeliveryState.DEAD, batch, error=f"Given up after {MOST_ATTEMPTS} attempts. {said}", actor=actor
        )
        return
    delivery.error = said
    delivery.save(update_fields=["attempts", "error"])
    batch.put_off += 1


def _settle(delivery: Delivery, state: DeliveryState, batch: Drained, *, error: str = "", actor: Actor) -> None:
    delivery.state = state
    delivery.error = error
    delivery.processed_at = clock.now()
    delivery.batch = batch.settled[0].uid if batch.settled else delivery.uid
    if state is DeliveryState.DEAD:
        delivery.events_count = 0
    batch.settled.append(delivery)
    name = {DeliveryState.DONE: "done", DeliveryState.IGNORED: "ignored"}.get(state, "dead")
    setattr(batch, name, getattr(batch, name) + 1)
    if state is DeliveryState.DEAD:
        facts = {"source": delivery.source.slug, "sha256": delivery.sha256, "why": error[:1000]}
        ledger.append(actor=actor, verb="delivery.dead", subject=f"delivery:{delivery.uid}", facts=facts)


def _record(batch: Drained, *, actor: Actor) -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(delivery.sha256)) for delivery in batch.settled]
    facts = {
        "root": merkle.root(leaves).hex(),
        "done": batch.done,
        "ignored": batch.ignored,
        "dead": batch.dead,
        "events": batch.events,
        "deliveries": [delivery.uid for delivery in batch.settled],
    }
    ledger.append(actor=actor, verb="deliveries.drained", subject=f"batch:{batch.settled[0].uid}", facts=facts)
    tallies.count_in(batch.settled)
    newest: dict[int, Delivery] = {delivery.source_id: delivery for delivery in batch.settled}
    for source_id, delivery in sorted(newest.items()):
        heard = Q(last_delivery_at__isnull=True) | Q(last_delivery_at__lt=delivery.received_at)
        Source.objects.filter(heard, pk=source_id).update(last_delivery_at=delivery.received_at)
    live.changed("queue", "sources")
