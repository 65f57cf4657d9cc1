"""The operator's queue: who it waits for first, then severity, then age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from console.selectors.groups import Group
from console.selectors.queue_rows import Row, order, rows
from core import clock
from core.actors import Actor
from incidents.models import Incident, IncidentState
from incidents.scoping import incidents_read
from incidents.selectors import OPEN_STATES

SETTLED_FOR = timedelta(hours=1)
SETTLED_VIEW = timedelta(days=1)
MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows each view has, and each group."""

    open: int
    for_me: int
    mine: int
    settled: int
    waiting: int
    agents: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The page."""

    view: str
    text: str
    groups: Sequence[Group[Row]]
    counts: Counts
    shown: int

    @property
    def headline(self) -> str:
        """The sentence that answers what the page is for."""
        waiting = self.counts.waiting
        if waiting:
            return f"{waiting} wait{'s' if waiting == 1 else ''} for a signature"
        if self.counts.people:
            return f"{self.counts.people} need{'s' if self.counts.people == 1 else ''} a person"
        if self.counts.agents:
            return "Nothing waits for you"
        return "All quiet"

    @property
    def aside(self) -> str:
        """The rest of the sentence."""
        counts = self.counts
        parts = []
        if counts.agents:
            parts.append(f"{counts.agents} with agents")
        if counts.people and counts.waiting:
            parts.append(f"{counts.people} with people")
        return ", ".join(parts)


TITLES = (
    ("waiting", "Waiting for a person", "nothing happens until someone signs or rejects"),
    ("people", "With people", "agents stepped back"),
    ("agents", "Agents at work", "within what policy lets them do alone"),
    ("settled", "Settled in the last hour", ""),
)
ORDER = ("waiting", "agents", "people", "settled")


def queue(*, view: str, text: str, actor: Actor) -> Queue:
    """The queue as this person sees it, in about ten queries whatever its length."""
    now = clock.now()
    since = now - (SETTLED_VIEW if view == "settled" else SETTLED_FOR)
    wanted = Q(state__in=OPEN_STATES) | Q(
        state__in=(IncidentState.RESOLVED, IncidentState.CLOSED), resolved_at__gte=since
    )
    readable = incidents_read(actor, Incident.objects.all())
    incidents = list(readable.filter(wanted).order_by("-id")[:MOST])
    settled_today = readable.filter(resolved_at__gte=now - SETTLED_VIEW).exclude(state__in=OPEN_STATES).count()
    every = rows(incidents, actor)
    counts = Counts(
        open=sum(not row.settled for row in every),
        for_me=sum(row.mine for row in every),
        mine=sum(row.held_by_me for row in every),
        settled=settled_today,
        waiting=sum(row.group == "waiting" for row in every),
        agents=sum(row.group == "agents" for row in every),
        people=sum(row.group == "people" for row in every),
    )
    shown = [row for row in every if _in_view(row, view) and _matches(row, text)]
    titles = {key: (title, note) for key, title, note in TITLES}
    groups = []
    for key in ORDER:
        inside = sorted((row for row in shown if row.group == key), key=order)
        if inside:
            title, note = titles[key]
            if key == "settled":
                title = "Settled in the last day" if view == "settled" else title
                note = f"{len(inside)} of {settled_today} today"
            groups.append(Group(key=key, title=title, note=note, rows=inside))
    return Queue(view=view, text=text, groups=groups, counts=counts, shown=len(shown))


def _in_view(row: Row, view: str) -> bool:
    if view == "for-me":
        return row.mine
    if view == "mine":
        return row.held_by_me
    if view == "settled":
        return row.settled
    return True


def _matches(row: Row, text: str) -> bool:
    if not text:
        return True
    hay = " ".join(
        (row.title, row.service, row.number, row.holder.name, row.state.word, row.tier, row.severity)
    ).lower()
    return all(word in hay for word in text.lower().split())
