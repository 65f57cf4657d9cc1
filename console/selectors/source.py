"""One source: how it is connected, how it reads, what it delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from connectors.adapters import adapter_of
from connectors.certificates import Certificate, stored
from connectors.models import Delivery, DeliveryState, Source
from connectors.reading import CONTROL
from connectors.tallies import UNCLASSIFIED, is_unclassified
from connectors.told import Source as Adapter
from console import guides, phrases
from console.selectors import alerts
from console.selectors.alerts import Worth
from console.selectors.sources import Row, rows_of
from core.errors import ConsoleError
from incidents.events import Severity, Status

LATEST, DEAD, PAGE = 10, 5, 50
RAW_SHOWN = 20_000
STATES = ("all", "events", "ignored", "unclassified", "dead", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One delivery in a list.

    Attributes:
        outcome: in words; `became` the first thing that is to be said about it.
        took: from the request to its being read.
    """

    uid: str
    at: datetime
    outcome: str
    warm: bool
    became: str
    warnings: int
    size: int
    took: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A dead letter: why, and its body as text, cut where it is long."""

    uid: str
    at: datetime
    why: str
    body: str
    cut: bool
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a kind of source is read: what makes it the same alert, and what its words mean here."""

    documentation: str
    fingerprint: Sequence[str]
    statuses: Sequence[tuple[str, str]]
    severities: Sequence[tuple[str, str]]
    assumed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The page of one source."""

    row: Row
    lines: Sequence[Line]
    dead: Sequence[Dead]
    reading: Reading
    worth: Worth
    steps: Sequence[Sequence[guides.Part]]
    address: str
    certificates: Sequence[Certificate]
    accepted: int
    limit_bytes: int

    @property
    def headline(self) -> str:
        """How it is doing, as a sentence."""
        row = self.row
        if not row.is_active:
            return f"{row.name} is paused"
        if row.last_at is None:
            return f"{row.name} waits for its first delivery"
        if row.silent:
            return f"{row.name} has been silent for {row.silent}"
        lost = row.dead + row.unclassified
        if lost:
            were = "was" if lost == 1 else "were"
            return f"{row.name} delivers, {lost} of {phrases.digits(row.today)} {were} not understood"
        return f"{row.name} delivers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """A page of the list of deliveries."""

    row: Row
    lines: Sequence[Line]
    state: str
    next_before: int | None
    first: bool


def read(source: Source) -> Detail:
    """The page of one source."""
    of_this = Delivery.objects.filter(source=source)
    dead = of_this.filter(state=DeliveryState.DEAD).order_by("-id")[:DEAD]
    adapter = _adapter(source)
    return Detail(
        row=rows_of([source])[0],
        lines=_lines(of_this.order_by("-id"), LATEST),
        dead=[_dead(delivery) for delivery in dead],
        reading=reading_of(adapter),
        worth=alerts.of_source(source.slug),
        steps=guides.steps(source.kind),
        certificates=stored(source.certificates),
        accepted=adapter.accepted if adapter is not None else 202,
        address=f"{settings.PUBLIC_URL}/hooks/{source.kind}/••••••••",
        limit_bytes=settings.INTAKE_MAX_BYTES,
    )


def deliveries(source: Source, *, state: str = "all", before: int | None = None) -> Deliveries:
    """Its deliveries, newest first, a page from `before` on."""
    found = Delivery.objects.filter(_in_state(state), source=source).order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    ids = list(found.values_list("pk", flat=True)[: PAGE + 1])
    return Deliveries(
        row=rows_of([source])[0],
        lines=_lines(found, PAGE),
        state=state,
        next_before=ids[PAGE - 1] if len(ids) > PAGE else None,
        first=before is None,
    )


def as_text(body: bytes, limit: int = RAW_SHOWN) -> tuple[str, bool]:
    """Bytes from outside as text, and if they were cut; what is no UTF-8 or would turn the page shows as U+FFFD."""
    return CONTROL.sub("\ufffd", body[:limit].decode("utf-8", "replace")), len(body) > limit


def _adapter(source: Source) -> Adapter | None:
    try:
        return adapter_of(source)
    except ConsoleError:
        return None


def reading_of(adapter: Adapter | None) -> Reading:
    """What an adapter declares."""
    if adapter is None:
        return Reading(documentation="", fingerprint=(), statuses=(), severities=(), assumed="")
    return Reading(
        documentation=adapter.documentation,
        fingerprint=adapter.fingerprint_fields,
        statuses=_turned({word: str(status) for word, status in adapter.statuses.items()}, list(Status)),
        severities=_turned({word: str(one) for word, one in adapter.severities.items()}, list(Severity)),
        assumed=adapter.assumed.value,
    )


def _turned(words: Mapping[str, str], order: Sequence[str]) -> list[tuple[str, str]]:
    """Our word, and the sender's words that mean it."""
    by_ours = {ours: sorted(word for word, told in words.items() if told == ours) for ours in map(str, order)}
    return [(ours, ", ".join(theirs)) for ours, theirs in by_ours.items() if theirs]


def _in_state(state: str) -> Q:
    ignored, unclassified = Q(state=DeliveryState.IGNORED), Q(warnings__icontains=UNCLASSIFIED)
    return {
        "events": Q(state=DeliveryState.DONE),
        "ignored": ignored & ~unclassified,
        "unclassified": unclassified,
        "dead": Q(state=DeliveryState.DEAD),
        "waiting": Q(state=DeliveryState.WAITING),
    }.get(state, Q())


def _lines(found: "QuerySet[Delivery]", most: int) -> list[Line]:
    return [line_of(delivery, delivery.size) for delivery in found.defer("body").annotate(size=Length("body"))[:most]]


def line_of(delivery: Delivery, size: int) -> Line:
    """One delivery as a line of a list."""
    outcome, warm = _outcome(delivery)
    said = [str(warning) for warning in delivery.warnings]
    took = delivery.processed_at - delivery.received_at if delivery.processed_at else None
    return Line(
        uid=delivery.uid,
        at=delivery.received_at,
        outcome=outcome,
        warm=warm,
        became=delivery.error or next(iter(said), ""),
        warnings=len(said),
        size=size,
        took=phrases.span(took) if took else "",
    )


def _outcome(delivery: Delivery) -> tuple[str, bool]:
    """The outcome in words, and whether somebody may want to look."""
    unclassified = is_unclassified(delivery)
    if delivery.state == DeliveryState.DEAD:
        return "dead letter", True
    if delivery.state == DeliveryState.DONE:
        many = phrases.plural(delivery.events_count, "event")
        return (f"{many}, others unclassified", True) if unclassified else (many, False)
    if delivery.state == DeliveryState.IGNORED:
        return ("unclassified", True) if unclassified else ("ignored", False)
    return ("put off, tried again", True) if delivery.attempts else ("waiting", False)


def _dead(delivery: Delivery) -> Dead:
    body = bytes(delivery.body)
    text, cut = as_text(body, 4_000)
    return Dead(uid=delivery.uid, at=delivery.received_at, why=delivery.error, body=text, cut=cut, size=len(body))
