"""What `/maintenance/` shows: windows, what they hide, and what comes."""

from dataclasses import dataclass
from datetime import datetime

from console.drawing.calendar import Calendar, Span, draw
from console.phrases import plural
from console.selectors.window import Met, came_through, met
from console.selectors.window_rows import Shown, shown
from core import clock
from core.actors import Actor
from incidents.models import Alert, MaintenanceWindow
from incidents.windows import windows_read

MOST_OPEN, MOST_PLANNED, MOST_PAST = 50, 50, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """The page."""

    headline: str
    aside: str
    worst: str
    worst_on: str
    hiding: tuple[Shown, ...]
    freezes: tuple[tuple[Shown, list[Met]], ...]
    through: list[tuple[MaintenanceWindow, Alert]]
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
    rows = shown([*open_now, *planned, *past], actor)
    shown_open, shown_planned = rows[: len(open_now)], rows[len(open_now) : len(open_now) + len(planned)]
    hiding = [one for one in shown_open if not one.is_freeze]
    worst = min((one for one in hiding if one.hides.worst), key=lambda one: one.hides.worst, default=None)
    return Maintenance(
        headline=_headline(hiding),
        aside=_aside([one for one in shown_open if one.is_freeze], shown_planned, now),
        worst=worst.hides.worst if worst else "",
        worst_on=worst.covers if worst else "",
        hiding=tuple(hiding),
        freezes=tuple((one, met(one.row, actor)) for one in (*shown_open, *shown_planned) if one.is_freeze),
        through=came_through([one.row for one in hiding], actor),
        planned=tuple(one for one in shown_planned if not one.is_freeze),
        past=tuple(rows[len(open_now) + len(planned) :]),
        calendar=draw([_span(one, now) for one in (*shown_open, *shown_planned)], now),
    )


def _headline(hiding: list[Shown]) -> str:
    number = sum(one.hides.now for one in hiding)
    if not hiding:
        return "Nothing is hidden"
    verb = "hides" if len(hiding) == 1 else "hide"
    return f"{plural(len(hiding), 'window')} {verb} {plural(number, 'alert') if number else 'no alert'}"


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
    return Span(
        label=one.covers if len(one.covers) <= 22 else f"{one.covers[:21]}…",
        starts_at=one.row.starts_at,
        until=one.row.until,
        look=look,
        text=text,
    )
