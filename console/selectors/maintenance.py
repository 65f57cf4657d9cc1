"""What `/maintenance/` shows: windows, what they hide, and what comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.drawing.calendar import Calendar, Span, draw
from console.phrases import plural
from console.selectors import faces
from console.selectors.faces import Face
from core import clock
from core.actors import Actor
from core.permissions import Permission
from incidents.correlation.windows import Kind
from incidents.models import MaintenanceWindow
from incidents.permissions import grants
from incidents.windows import Hides, hides, windows_read, would_have_hidden

MOST_OPEN, MOST_PLANNED, MOST_PAST = 50, 50, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A window on the page.

    Attributes:
        covers, narrowed: what it is about, and the labels that narrow it.
        would: how many alerts of the last week it would have hidden, and the worst of them.
    """

    row: MaintenanceWindow
    covers: str
    narrowed: str
    face: Face
    hides: Hides
    would: tuple[int, str] = (0, "")
    may_end: bool = False

    @property
    def is_freeze(self) -> bool:
        """Whether it is a change freeze."""
        return self.row.kind == Kind.FREEZE.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """The page."""

    headline: str
    aside: str
    worst: str
    worst_on: str
    hiding: tuple[Shown, ...]
    freezes: tuple[Shown, ...]
    planned: tuple[Shown, ...]
    past: tuple[Shown, ...]
    calendar: Calendar


def read(actor: Actor) -> Maintenance:
    """Everything the actor may read about windows."""
    now = clock.now()
    mine = windows_read(actor, MaintenanceWindow.objects.all())
    live = mine.filter(ended_at__isnull=True, settled_at__isnull=True, until__gt=now)
    open_now = list(live.filter(starts_at__lte=now).order_by("until")[:MOST_OPEN])
    planned = list(live.filter(starts_at__gt=now).order_by("starts_at")[:MOST_PLANNED])
    past = list(mine.exclude(pk__in=live.values("pk")).order_by("-id")[:MOST_PAST])
    people = faces.people(faces.person_ids(row.opened_by for row in (*open_now, *planned, *past)))
    shown_open = [_shown(row, people, actor, now) for row in open_now]
    shown_planned = [_shown(row, people, actor, now) for row in planned]
    hiding = [one for one in shown_open if not one.is_freeze]
    worst = min((one for one in hiding if one.hides.worst), key=lambda one: one.hides.worst, default=None)
    return Maintenance(
        headline=_headline(hiding),
        aside=_aside([one for one in shown_open if one.is_freeze], shown_planned, now),
        worst=worst.hides.worst if worst else "",
        worst_on=worst.covers if worst else "",
        hiding=tuple(hiding),
        freezes=tuple(one for one in (*shown_open, *shown_planned) if one.is_freeze),
        planned=tuple(one for one in shown_planned if not one.is_freeze),
        past=tuple(_shown(row, people, actor, now) for row in past),
        calendar=draw([_span(one, now) for one in (*shown_open, *shown_planned)], now),
    )


def _shown(row: MaintenanceWindow, people: Mapping[str, Face], actor: Actor, now: datetime) -> Shown:
    is_planned = row.state(now) == "planned" and row.kind == Kind.MAINTENANCE.value
    return Shown(
        row=row,
        covers=covers(row),
        narrowed=", ".join(f"{name}={value}" for name, value in sorted(row.labels.items())),
        face=faces.actor(row.opened_by, people),
        hides=hides(row),
        would=would_have_hidden(row.as_value(), now) if is_planned else (0, ""),
        may_end=row.state(now) != "over" and grants.allow(Permission.MAINTENANCE_END, actor, row),
    )


def covers(row: MaintenanceWindow) -> str:
    """What it is about, in a few words."""
    if row.services:
        few = ", ".join(row.services[:3])
        more = f" and {len(row.services) - 3} more" if len(row.services) > 3 else ""
        return f"{few}{more}"
    return f"all of {row.environment}" if row.environment else ("by label" if row.labels else "everything")


def _headline(hiding: list[Shown]) -> str:
    number = sum(one.hides.now for one in hiding)
    if not hiding:
        return "Nothing is hidden"
    verb = "hides" if len(hiding) == 1 else "hide"
    return f"{plural(len(hiding), 'window')} {verb} {plural(number, 'alert')}"


def _aside(frozen: list[Shown], planned: list[Shown], now: datetime) -> str:
    if frozen:
        return f"changes are frozen on {frozen[0].covers}"
    coming = next((one for one in planned if one.is_freeze), planned[0] if planned else None)
    if coming is None:
        return ""
    what = "a freeze" if coming.is_freeze else "the next window"
    days = (coming.row.starts_at - now).days
    when = f"in {plural(days, 'day')}" if days > 0 else f"{coming.row.starts_at:%a %H:%M} UTC"
    return f"{what} begins {when}"


def _span(one: Shown, now: datetime) -> Span:
    is_open = one.row.is_open(now)
    look = "f" if one.is_freeze else ("w" if is_open else "p")
    words = one.row.why if len(one.row.why) <= 40 else f"{one.row.why[:39]}…"
    text = f"Freeze: {words}" if one.is_freeze else ("now" if is_open else words)
    return Span(label=one.covers[:24], starts_at=one.row.starts_at, until=one.row.until, look=look, text=text)
