"""Find records by who, what, about what and when; each an indexed read, page by page from the newest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, TextField

from audit.models import Entry, Leaf, Pending
from audit.selectors import Record, TextOf, latest_checkpoint, record_of

MOST_COUNTED = 10_000
SKEW = timedelta(minutes=5)
"""By how much the times of records may stand out of the order of the tree: writers commit when they are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; whatever is empty does not narrow.

    Attributes:
        who: the actors, as the ledger writes them, or all of a kind as `person:`; any of them.
        subject: what records are about.
        kind: verbs of that noun, such as `decision`, or that one verb.
        text: what verb, subject, actor or facts hold. It reads every record that the rest leaves.
        digest: a leaf's hash in hex.
        since, until: from when, up to but not including.
    """

    who: tuple[str, ...] = ()
    subject: str = ""
    kind: str = ""
    text: str = ""
    digest: str = ""
    since: datetime | None = None
    until: datetime | None = None


def found(search: Search, *, before_seq: int | None = None, limit: int = 50) -> list[Record]:
    """A page of what matches, newest first: entries that wait for their place, then the tree below `before_seq`."""
    wanted = _wanted(search).select_related("leaf")
    rows: list[Entry] = []
    if before_seq is None and not search.digest:
        rows += wanted.filter(pending__isnull=False).order_by("-id")[:limit]
    placed = _placed(wanted, search)
    if before_seq is not None:
        placed = placed.filter(leaf__seq__lt=before_seq)
    rows += placed[: limit - len(rows)]
    head = latest_checkpoint()
    return [record_of(entry, head.size if head else 0) for entry in rows]


def how_many(search: Search) -> int:
    """How many match, counted up to `MOST_COUNTED`; with nothing looked for, all: places have no gaps."""
    if search == Search():
        newest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
        return (0 if newest is None else newest + 1) + Pending.objects.count()
    placed = _placed(_wanted(search), search).values("pk")[:MOST_COUNTED].count()
    if search.digest:
        return placed
    pending = _wanted(search).filter(pending__isnull=False).values("pk")[:MOST_COUNTED].count()
    return min(MOST_COUNTED, pending + placed)


def _wanted(search: Search) -> QuerySet[Entry]:
    wanted = Entry.objects.all()
    if search.who:
        wanted = wanted.filter(reduce(or_, map(_by, search.who)))
    if search.subject:
        wanted = wanted.filter(mentions__subject=search.subject)
    if search.kind:
        wanted = wanted.filter(Q(verb=search.kind) | Q(verb__startswith=f"{search.kind}."))
    if search.since:
        wanted = wanted.filter(at__gte=search.since)
    if search.until:
        wanted = wanted.filter(at__lt=search.until)
    if search.text:
        wanted = wanted.alias(facts_text=TextOf("facts", output_field=TextField())).filter(
            Q(verb__icontains=search.text)
            | Q(subject__icontains=search.text)
            | Q(actor__icontains=search.text)
            | Q(facts_text__icontains=search.text)
        )
    return wanted


def _by(who: str) -> Q:
    return Q(actor__startswith=who) if who.endswith(":") else Q(actor=who)


def _placed(wanted: QuerySet[Entry], search: Search) -> QuerySet[Entry]:
    """Those in the tree, newest first; a time becomes a range of places, which are indexed where times are not."""
    placed = wanted.filter(leaf__isnull=False)
    if search.digest:
        placed = placed.filter(leaf__leaf_hash=bytes.fromhex(search.digest))
    if search.since:
        placed = placed.filter(leaf__seq__gte=_place_at(search.since - SKEW))
    if search.until:
        placed = placed.filter(leaf__seq__lt=_place_at(search.until + SKEW))
    return placed.order_by("-leaf__seq")


def _place_at(moment: datetime) -> int:
    """The first place whose record is not older than this, by halving: twenty reads for a million records."""
    newest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    low, high = 0, 0 if newest is None else newest + 1
    while low < high:
        middle = (low + high) // 2
        at = Entry.objects.filter(leaf__seq=middle).values_list("at", flat=True).first()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low
