"""Let a higher package learn what happened, by position in the tree; entries wake it, imports never do."""

from collections.abc import Callable
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


def follow(name: str, handle: Callable[[FollowedEntry], None], *, limit: int = 500) -> int:
    """Hand the follower's next entries to `handle`, each in one transaction with the move of its cursor.

    What `handle` writes to the database happens exactly once an entry, however often this is called, by however many
    workers at a time, and wherever one of them dies. An exception of `handle` leaves the cursor before that entry.

    Returns:
        How many entries were handled.
    """
    for handled in range(limit):
        if not _is_behind(name) or not _take_one(name, handle):
            return handled
    return limit


def _is_behind(name: str) -> bool:
    """Look without a lock first, so that an idle follower never keeps writers waiting."""
    seq = Cursor.objects.filter(pk=name).values_list("seq", flat=True).first() or 0
    return Leaf.objects.filter(pk=seq).exists()


@transaction.atomic
def _take_one(name: str, handle: Callable[[FollowedEntry], None]) -> bool:
    Cursor.objects.get_or_create(pk=name)
    cursor = Cursor.objects.select_for_update().get(pk=name)
    leaf = Leaf.objects.select_related("entry").filter(pk=cursor.seq).first()
    if leaf is None:
        return False
    entry = leaf.entry
    handle(
        FollowedEntry(
            seq=leaf.seq,
            entry=entry,
            verb=entry.verb,
            subject=entry.subject,
            actor=entry.actor,
            facts=facts_of(entry),
        )
    )
    cursor.seq = leaf.seq + 1
    cursor.save(update_fields=["seq"])
    return True
