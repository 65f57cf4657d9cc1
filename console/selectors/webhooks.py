"""Who is told what happens: every webhook with how it stands, and what was sent to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import OuterRef, Subquery

from connectors.models import Webhook, WebhookDelivery
from connectors.outbound.events import NOUNS, PERSONAL, PREFIX
from connectors.outbound.keeping import latest_seq, state_of
from connectors.outbound.retrying import MOST_ATTEMPTS
from console import phrases
from core import clock

LATEST, PAGE = 10, 50
HIDDEN = "••••••••"
STATES = (("all", "All"), ("undelivered", "Not delivered"))
WORDS = {"active": "delivering", "failing": "waiting", "paused": "paused", "stopped": "stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event that was sent, or tried to be.

    Attributes:
        answer: the status of the last answer; empty where none came.
        why: what went wrong, as a sentence.
    """

    uid: str
    seq: int
    type: str
    subject: str
    at: datetime
    attempts: int
    answer: str
    took: str
    why: str
    is_delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One webhook. Of its address only what names the host: the path often holds a token.

    Attributes:
        state: delivering, waiting, paused or stopped.
        why: what stands in the way, as a sentence; empty where nothing does.
        last: what was tried last.
        behind: records of the ledger that it has not come to.
    """

    name: str
    host: str
    address: str
    events: Sequence[str]
    state: str
    why: str
    last: Line | None
    behind: int
    next_seq: int
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    both_until: datetime | None
    created_by: str
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether it is sent anything."""
        return self.state in {"delivering", "waiting"}

    @property
    def headline(self) -> str:
        """How it stands, as a sentence."""
        if self.state == "delivering" and self.last is None:
            return f"{self.name} waits for its first event"
        told = {
            "delivering": "is told what happens",
            "waiting": "does not take what it is sent",
            "paused": "is paused",
            "stopped": "has stopped",
        }
        return f"{self.name} {told[self.state]}"

    @property
    def most_attempts(self) -> int:
        """After so many it stops."""
        return MOST_ATTEMPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The page."""

    rows: Sequence[Row]

    @property
    def groups(self) -> list[tuple[str, str, list[Row]]]:
        """Title, note and rows: what somebody may want to look at first, what is paused last."""
        found = {word: [row for row in self.rows if row.state == word] for word in WORDS.values()}
        told = [
            ("Stopped", "given up by itself; resume it when it answers again", found["stopped"]),
            ("Tried again", "the next record waits for the one before it", found["waiting"]),
            ("Delivering", str(len(found["delivering"])), found["delivering"]),
            ("Paused", "by a person; what happens meanwhile waits", found["paused"]),
        ]
        return [group for group in told if group[2]]

    @property
    def headline(self) -> str:
        """The answer to: does everybody hear what happens?"""
        if len(self.rows) < 2:
            return self.rows[0].headline if self.rows else "Nobody outside is told what happens"
        of, stopped, told = len(self.rows), self._count("stopped"), self._count("delivering")
        if stopped:
            return f"{stopped} of {of} webhooks {'has' if stopped == 1 else 'have'} stopped"
        if self._count("paused") == of:
            return "Every webhook is paused"
        if told == of:
            return f"{'Both' if of == 2 else f'All {of}'} webhooks are told what happens"
        return f"{told} of {of} webhooks {'is' if told == 1 else 'are'} told what happens"

    @property
    def aside(self) -> str:
        """What else is not as it should be, in a few words."""
        if len(self.rows) < 2:
            return ""
        told = {"waiting": "tried again", "paused": "paused"}
        found = [(self._count(word), said) for word, said in told.items()]
        return ", ".join(f"{phrases.plural(count, 'is', 'are')} {said}" for count, said in found if count)

    def _count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The page of one webhook; `at` is the event that it would not take, where there is one."""

    row: Row
    lines: Sequence[Line]
    at: Line | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """A page of the list of what was sent."""

    row: Row
    lines: Sequence[Line]
    state: str
    next_before: int | None
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """What can be told about: the pattern of all its events, and whether its facts stay here."""

    pattern: str
    title: str
    personal: bool


def nouns() -> list[Noun]:
    """Every noun, by its name."""
    return [
        Noun(pattern=f"{noun}.*", title=told[0].upper() + told[1:], personal=noun in PERSONAL)
        for noun, told in sorted(NOUNS.items())
    ]


def read() -> Webhooks:
    """Every webhook, by name; a fixed number of queries."""
    newest = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    found = list(Webhook.objects.annotate(newest=Subquery(newest)).order_by("name"))
    lines = WebhookDelivery.objects.in_bulk([one.newest for one in found if one.newest])
    latest = latest_seq()
    return Webhooks(rows=[_row(one, lines.get(one.newest), latest) for one in found])


def detail(webhook: Webhook) -> Detail:
    """One webhook with what was sent to it last."""
    rows = list(webhook.deliveries.order_by("-pk")[:LATEST])
    lines = [_line(one) for one in rows]
    stuck = next((line for line in lines if line.seq == webhook.next_seq and not line.is_delivered), None)
    return Detail(row=_row(webhook, next(iter(rows), None), latest_seq()), lines=lines, at=stuck)


def deliveries(webhook: Webhook, *, state: str = "all", before: int | None = None) -> Deliveries:
    """What was sent to it, newest first, a page from `before` on."""
    newest = webhook.deliveries.order_by("-pk")
    found = newest.filter(is_delivered=False) if state == "undelivered" else newest
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE + 1])
    return Deliveries(
        row=_row(webhook, newest.first(), latest_seq()),
        lines=[_line(one) for one in rows[:PAGE]],
        state=state,
        next_before=rows[PAGE - 1].pk if len(rows) > PAGE else None,
        first=before is None,
    )


def _row(webhook: Webhook, newest: WebhookDelivery | None, latest: int) -> Row:
    state, until, parts = state_of(webhook), webhook.previous_until, urlsplit(webhook.url)
    return Row(
        name=webhook.name,
        host=parts.hostname or "",
        address=f"{parts.scheme}://{parts.netloc}/{HIDDEN}",
        events=webhook.events,
        state=WORDS[state],
        why=webhook.paused_because or (webhook.error if state == "failing" else ""),
        last=_line(newest) if newest else None,
        behind=max(latest + 1 - webhook.next_seq, 0),
        next_seq=webhook.next_seq,
        attempts=webhook.attempts,
        due_at=webhook.due_at,
        delivered_at=webhook.delivered_at,
        both_until=until if until and until > clock.now() else None,
        created_by=webhook.created_by,
        created_at=webhook.created_at,
    )


def _line(row: WebhookDelivery) -> Line:
    return Line(
        uid=row.uid,
        seq=row.seq,
        type=row.type.removeprefix(PREFIX),
        subject=row.subject,
        at=row.tried_at,
        attempts=row.attempts,
        answer=str(row.status) if row.status else "",
        took=f"{phrases.digits(row.took_ms)} ms",
        why=row.error,
        is_delivered=row.is_delivered,
    )
