"""Have deliveries read again, such as by an adapter that has learnt something since."""

import hashlib
from collections.abc import Collection
from typing import Any

from django.db import transaction

from audit import ledger
from audit.models import Entry
from connectors import tallies
from connectors.finding import source_of
from connectors.intake.strict_json import scrub
from connectors.models import Delivery, DeliveryState, Source
from connectors.permissions import grants
from connectors.reasons import shape
from core import doorbell, live
from core.actors import Actor
from core.errors import NotFoundError, RefusedError, WrongStateError
from core.permissions import Permission
from proof import canonical, merkle

MOST = 500
"""Dead letters that are taken up in one go."""
LOOKED_AT = 50_000
"""Dead letters of a source whose reasons are read to find those of one reason."""


@transaction.atomic
def replay(uid: str, *, actor: Actor) -> Delivery:
    """Put one delivery back into the inbox. What was received stays what it was, and what it changes folds as before.

    Raises:
        NotPermittedError: The actor is a person without the operator's or the admin's role.
        NotFoundError: There is no such delivery.
        WrongStateError: It waits to be read anyway.
        RefusedError: The stored body is not the one that the ledger vouches for.
    """
    grants.require(Permission.DELIVERY_REPLAY, actor)
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(uid=scrub(uid)).select_related("source").first()
    if delivery is None:
        detail = f"There is no delivery {uid[:40]!r}."
        raise NotFoundError(detail)
    if delivery.state == DeliveryState.WAITING:
        detail = "This delivery waits to be read anyway."
        raise WrongStateError(detail)
    require_intact(delivery)

    facts = {"source": delivery.source.slug, "sha256": delivery.sha256, "was": delivery.state}
    _put_back([delivery])
    ledger.append(actor=actor, verb="delivery.replayed", subject=f"delivery:{uid}", facts=facts)
    return delivery


@transaction.atomic
def replay_dead(slug: str, *, actor: Actor, why: str = "") -> list[Delivery]:
    """Put a source's dead letters back into the inbox, oldest first, so many at once; one that was tampered with stays.

    Args:
        slug: the source.
        actor: who asks.
        why: only those that died of this, as `connectors.reasons.shape` says it; empty for all.

    Raises:
        NotPermittedError: The actor is a person without the operator's or the admin's role.
        NotFoundError: There is no such source.
    """
    grants.require(Permission.DELIVERY_REPLAY, actor)
    source = source_of(slug)
    dead = Delivery.objects.select_for_update(of=("self",)).filter(source=source, state=DeliveryState.DEAD)
    if why:
        dead = dead.filter(pk__in=_that_died_of(why, source))
    found = [delivery for delivery in dead.select_related("source").order_by("id")[:MOST] if is_intact(delivery)]
    if not found:
        return []

    _put_back(found)
    facts = {"count": len(found), "deliveries": [delivery.uid for delivery in found], **({"why": why} if why else {})}
    ledger.append(actor=actor, verb="deliveries.replayed", subject=f"source:{slug}", facts=facts)
    return found


def require_intact(delivery: Delivery) -> None:
    """Refuse a body that is not the one that was received.

    Raises:
        RefusedError: Its digest, or the Merkle root that the ledger holds over it and its neighbours, is another.
    """
    if not is_intact(delivery):
        detail = "The stored body is not the one that the ledger vouches for. Nothing is read again from it."
        raise RefusedError(detail)


def is_intact(delivery: Delivery) -> bool:
    """Whether the body is the one that was received, as far as our own ledger can tell."""
    if hashlib.sha256(bytes(delivery.body)).hexdigest() != delivery.sha256:
        return False
    entries = Entry.objects.filter(subject=f"batch:{delivery.batch}", verb="deliveries.drained").order_by("-id")
    facts = next((one for one in map(_facts, entries) if delivery.uid in one["deliveries"]), None)
    if facts is None:
        return False
    leaves = _leaves(facts["deliveries"])
    return len(leaves) == len(facts["deliveries"]) and merkle.root(leaves).hex() == facts["root"]


def _that_died_of(why: str, source: Source) -> list[int]:
    """Ids of the source's dead letters with this reason, the oldest of those that are looked at."""
    dead = Delivery.objects.filter(source=source, state=DeliveryState.DEAD).order_by("id")
    return [pk for pk, error in dead.values_list("pk", "error")[:LOOKED_AT] if shape(error) == why][:MOST]


def _facts(entry: Entry) -> dict[str, Any]:
    facts = canonical.loads(bytes(entry.facts))
    return facts if isinstance(facts, dict) else {"deliveries": []}


def _leaves(uids: list[str]) -> list[bytes]:
    found = dict(Delivery.objects.filter(uid__in=uids).values_list("uid", "sha256"))
    return [merkle.leaf_hash(bytes.fromhex(found[uid])) for uid in uids if uid in found]


def _put_back(deliveries: Collection[Delivery]) -> None:
    tallies.count_out(deliveries)
    for delivery in deliveries:
        delivery.state, delivery.attempts, delivery.error = DeliveryState.WAITING, 0, ""
        delivery.warnings, delivery.processed_at, delivery.replays = [], None, delivery.replays + 1
        delivery.events_count = 0
        delivery.save(
            update_fields=["state", "attempts", "error", "warnings", "processed_at", "replays", "events_count"]
        )
    live.changed("queue", "sources")
    doorbell.ring("connectors.drain", queue="intake")
