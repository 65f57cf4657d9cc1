"""Let a higher package learn what happened, by position in the tree; entries wake it, imports never do."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from audit.models import Cursor, Entry, Leaf
from audit.selectors import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedEntry:
    """An entry as a follower gets it: it has its place and will keep it."""

    seq: int
    entry: Entry
    verb: str
    subject: str
    actor: str
    facts: dict[str, Any]  # JSON


AT_ONCE = 500


def follow(
    name: str, handle: Callable[[FollowedEntry], None], *, limit: int = 500, verbs: Collection[str] | None = None
) -> int:
    """Hand the follower's next entries to `handle`, each in one transaction with the move of its cursor.

    What `handle` writes to the database happens exactly once an entry, however often this is called, by however many
    workers at a time, and wherever one of them dies. An exception of `handle` leaves the cursor before that entry.

    Args:
        name: whose position it is.
        handle: what to do about one entry.
        limit: how many to handle at most.
        verbs: those that concern the follower; others are passed over, many at a time. None for all.

    Returns:
        How many entries were handled.
    """
    handled = 0
    while handled < limit and _is_behind(name):
        handled += _go_on(name, handle, verbs)
    return handled


def _is_behind(name: str) -> bool:
    """Look without a lock first, so that an idle follower never keeps writers waiting."""
    seq = Cursor.objects.filter(pk=name).values_list("seq", flat=True).first() or 0
    return Leaf.objects.filter(pk=seq).exists()


@transaction.atomic
def _go_on(name: str, handle: Callable[[FollowedEntry], None], verbs: Collection[str] | None) -> bool:
    """Move the cursor behind the next entry that concerns the follower; whether there was one."""
    Cursor.objects.get_or_create(pk=name)
    cursor = Cursor.objects.select_for_update().get(pk=name)
    ahead = Leaf.objects.filter(pk__gte=cursor.seq).order_by("pk")
    passed = list(ahead.values_list("pk", "entry__verb")[: AT_ONCE if verbs is not None else 1])
    if not passed:
        return False
    seq = next((seq for seq, verb in passed if verbs is None or verb in verbs), None)
    if seq is not None:
        handle(_followed(Leaf.objects.select_related("entry").get(pk=seq)))
    cursor.seq = (passed[-1][0] if seq is None else seq) + 1
    cursor.save(update_fields=["seq"])
    return seq is not None


def _followed(leaf: Leaf) -> FollowedEntry:
    entry = leaf.entry
    return FollowedEntry(
        seq=leaf.seq,
        entry=entry,
        verb=entry.verb,
        subject=entry.subject,
        actor=entry.actor,
        facts=facts_of(entry),
    )
