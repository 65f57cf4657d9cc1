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
    while handled < limit and (ahead := _ahead(name)):
        concerned = [seq for seq, verb in ahead if verbs is None or verb in verbs]
        for seq in concerned:
            if handled == limit:
                return handled
            if not _take(name, seq, handle):
                break  # another worker took it, and perhaps more: look anew
            handled += 1
        else:
            if concerned[-1:] != [ahead[-1][0]]:
                _pass(name, ahead[-1][0])
    return handled


def _ahead(name: str) -> list[tuple[int, str]]:
    """The next places with their verbs, read without a lock, so that an idle follower never keeps writers waiting."""
    seq = Cursor.objects.filter(pk=name).values_list("seq", flat=True).first() or 0
    return list(Leaf.objects.filter(pk__gte=seq).order_by("pk").values_list("pk", "entry__verb")[:AT_ONCE])


@transaction.atomic
def _take(name: str, seq: int, handle: Callable[[FollowedEntry], None]) -> bool:
    """Handle the entry at a place and move the cursor behind it, unless somebody else did."""
    cursor = _held(name)
    if cursor.seq > seq:
        return False
    handle(_followed(Leaf.objects.select_related("entry").get(pk=seq)))
    cursor.seq = seq + 1
    cursor.save(update_fields=["seq"])
    return True


@transaction.atomic
def _pass(name: str, seq: int) -> None:
    """Move the cursor behind places that do not concern the follower."""
    cursor = _held(name)
    if cursor.seq <= seq:
        cursor.seq = seq + 1
        cursor.save(update_fields=["seq"])


def _held(name: str) -> Cursor:
    Cursor.objects.get_or_create(pk=name)
    return Cursor.objects.select_for_update().get(pk=name)


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
