"""What could not be read: dead letters of every source, by what they died of, with their first bytes as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BinaryField, Count, Max, Min, QuerySet
from django.db.models.functions import Length, Substr

from connectors.models import Delivery, DeliveryState, Source
from connectors.reasons import shape
from connectors.services.replay import MOST as MOST_REPLAYED
from console.phrases import plural
from console.selectors.source import as_text
from console.selectors.sources import title_of

MOST_SHAPES, MOST_GROUPS, EXAMPLES, BYTES = 1000, 40, 3, 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One dead letter: why exactly, and its body as text, cut where it is long."""

    uid: str
    at: datetime
    why: str
    body: str
    cut: bool
    size: int
    replays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Those of one source that died of the same; `letters` has the newest."""

    slug: str
    name: str
    title: str
    why: str
    count: int
    first: datetime
    last: datetime
    letters: Sequence[Letter]

    @property
    def lasts(self) -> bool:
        """Whether first and last differ by what is shown of them."""
        return f"{self.first:%F %H:%M}" != f"{self.last:%F %H:%M}"

    @property
    def at_once(self) -> int:
        """How many a replay takes up in one go."""
        return min(self.count, MOST_REPLAYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The page."""

    groups: Sequence[Group]
    count: int
    sources: Sequence[tuple[str, str]]
    source: str
    more: int

    @property
    def headline(self) -> str:
        """The answer to: what did we not understand?"""
        if not self.count:
            return "No dead letters"
        reasons = plural(len(self.groups) + self.more, "reason")
        return f"{plural(self.count, 'dead letter')} for {reasons}"


@dataclass(slots=True)
class _Merged:
    """Rows of the same shape, added up."""

    count: int
    first: datetime
    last: datetime
    newest: list[int]


def read(source: str = "") -> DeadLetters:
    """The page, of one source or of all; a fixed number of queries."""
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).order_by()
    with_some = sorted(set(dead.values_list("source__slug", "source__name").distinct()))
    if source:
        dead = dead.filter(source__slug=source)
    merged = _merged(dead)
    chosen = sorted(merged.items(), key=lambda one: -max(one[1].newest))[:MOST_GROUPS]
    letters = _letters([pk for _, one in chosen for pk in one.newest[:EXAMPLES]])
    sources = Source.objects.in_bulk({pk for (pk, _), _ in chosen})
    return DeadLetters(
        groups=[_group(sources[pk], why, one, letters) for (pk, why), one in chosen],
        count=dead.count(),
        sources=with_some,
        source=source,
        more=len(merged) - len(chosen),
    )


def _merged(dead: QuerySet[Delivery]) -> dict[tuple[int, str], _Merged]:
    """By source and reason, those with the most common wordings."""
    told = dead.values("source", "error").annotate(
        number=Count("pk"), first=Min("received_at"), last=Max("received_at"), newest=Max("pk")
    )
    merged: dict[tuple[int, str], _Merged] = {}
    for row in told.order_by("-number", "-newest")[:MOST_SHAPES]:
        key = row["source"], shape(row["error"])
        known = merged.setdefault(key, _Merged(0, row["first"], row["last"], []))
        known.count += row["number"]
        known.first, known.last = min(known.first, row["first"]), max(known.last, row["last"])
        known.newest.append(row["newest"])
        known.newest.sort(reverse=True)
    return merged


def _group(source: Source, why: str, one: _Merged, letters: Mapping[int, Letter]) -> Group:
    return Group(
        slug=source.slug,
        name=source.name,
        title=title_of(source.kind),
        why=why,
        count=one.count,
        first=one.first,
        last=one.last,
        letters=[letters[pk] for pk in one.newest[:EXAMPLES] if pk in letters],
    )


def _letters(pks: Sequence[int]) -> dict[int, Letter]:
    """Only the first bytes of each are read."""
    head = Substr("body", 1, BYTES, output_field=BinaryField())
    found = Delivery.objects.filter(pk__in=pks).defer("body").annotate(head=head, size=Length("body"))
    return {delivery.pk: _letter(delivery, bytes(delivery.head), delivery.size) for delivery in found}


def _letter(delivery: Delivery, head: bytes, size: int) -> Letter:
    return Letter(
        uid=delivery.uid,
        at=delivery.received_at,
        why=delivery.error,
        body=as_text(head, BYTES)[0],
        cut=size > len(head),
        size=size,
        replays=delivery.replays,
    )
