"""The operator's queue: who it waits for first, then severity, then age."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from agents.models.remediation import WORKING, Remediation
from console.selectors.groups import Group
from console.selectors.queue_rows import Row, order, rows
from core import clock
from core.actors import Actor
from incidents.models import Incident
from incidents.scoping import incidents_read
from incidents.selectors import OPEN_STATES

SETTLED_FOR = timedelta(hours=1)
SETTLED_VIEW = timedelta(days=1)
PAGE, MOST = 50, 300
"""Rows at first, and when more are asked for: the API has them all."""


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
    more: bool

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


def queue(*, view: str, text: str, actor: Actor, waiting: Set[int], most: int = PAGE) -> Queue:
    """The queue as this person sees it, in about ten queries and so many rows, whatever its length.

    `waiting` are the requests that wait for their signature.

    What agents have in hand is always there, since it may wait for somebody; then the worst and oldest of what is open.
    """
    now = clock.now()
    readable = incidents_read(actor, Incident.objects.all())
    unsettled = readable.filter(state__in=OPEN_STATES)
    today = readable.filter(resolved_at__gte=now - SETTLED_VIEW)
    found = _found(view, unsettled, today, actor=actor, look=MOST if text else most)
    found += unsettled.filter(_says(text)).order_by("severity", "began_at")[:most] if text else []
    every = rows(list({incident.pk: incident for incident in found}.values()), actor, waiting)
    counts = _counts(every, unsettled, today, actor)
    matching = [row for row in every if _in_view(row, view) and _matches(row, text)]
    groups = _groups(matching, view, counts.settled, most)
    shown = sum(len(group.rows) for group in groups)
    most_open = counts.mine if view == "mine" else counts.settled if view == "settled" else counts.open
    left = len(matching) > shown if text or view == "for-me" else most_open > shown
    return Queue(view=view, text=text, groups=groups, counts=counts, shown=shown, more=left and most < MOST)


def _found(
    view: str, unsettled: QuerySet[Incident], today: QuerySet[Incident], *, actor: Actor, look: int
) -> list[Incident]:
    """The incidents that are looked at: each read is bounded, and by an index in its own order."""
    in_hand = Remediation.objects.filter(state__in=WORKING).order_by().values("incident_id")
    found = list(unsettled.filter(pk__in=in_hand).order_by("severity", "began_at")[:MOST])
    found += unsettled.exclude(pk__in=in_hand).order_by("severity", "began_at")[:look]
    if view == "mine":
        found += unsettled.filter(held_by=actor.name).order_by("severity", "began_at")[:look]
        today = today.filter(held_by=actor.name)
    if view == "settled":
        return [*found, *today.order_by("-resolved_at")[:look]]
    return [*found, *today.filter(resolved_at__gte=clock.now() - SETTLED_FOR).order_by("-resolved_at")[: look // 5]]


def _says(text: str) -> Q:
    """That title, service or number hold each word; other words are looked for in the rows that are read."""
    wanted = Q()
    for word in text.replace("\0", "").split():
        number = word.upper().removeprefix("INC-")
        numbered = Q(pk=int(number)) if number.isdecimal() and len(number) < 19 else Q(pk__in=[])
        wanted &= Q(title__icontains=word) | Q(service__icontains=word) | numbered
    return wanted


def _counts(every: Sequence[Row], unsettled: QuerySet[Incident], today: QuerySet[Incident], actor: Actor) -> Counts:
    """Who has how many: what waits and what agents do is all at hand, the rest of what is open is with people."""
    waiting = sum(row.group == "waiting" for row in every)
    agents = sum(row.group == "agents" for row in every)
    held = Count("pk", filter=Q(held_by=actor.name))
    told = unsettled.order_by().aggregate(open=Count("pk"), mine=held)
    return Counts(
        open=told["open"],
        for_me=sum(row.mine for row in every),
        mine=told["mine"],
        settled=today.count(),
        waiting=waiting,
        agents=agents,
        people=max(0, told["open"] - waiting - agents),
    )


def _groups(matching: Sequence[Row], view: str, settled_today: int, most: int) -> list[Group[Row]]:
    titles = {key: (title, note) for key, title, note in TITLES}
    groups: list[Group[Row]] = []
    left = most
    for key in ORDER:
        room = most if key == "settled" and view == "settled" else most // 5 if key == "settled" else left
        inside = sorted((row for row in matching if row.group == key), key=order)[:room]
        left -= len(inside)
        if inside:
            title, note = titles[key]
            if key == "settled":
                title = "Settled in the last day" if view == "settled" else title
                note = f"{len(inside)} of {settled_today} today"
            groups.append(Group(key=key, title=title, note=note, rows=inside))
    return groups


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
