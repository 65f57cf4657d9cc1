"""Reads about maintenance windows and freezes: what is in force, what it hides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from core import clock
from core.actors import Actor
from core.errors import NotFoundError
from incidents.correlation.windows import Signal, Window, covers
from incidents.correlation.windows import hands_off as hands_off_by
from incidents.events import Status, level
from incidents.models import Alert, MaintenanceWindow
from incidents.scoping import services_read
from incidents.selectors import LIVE

EXAMPLES = 3
LOOK_BACK = timedelta(days=7)
MOST_LOOKED_AT = 5000
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hides:
    """What a window hides.

    Attributes:
        now: alerts that fire behind it at this moment; `in_all` counts those that ended meanwhile, too.
        worst: S1 to S4 of those that fire now, or empty.
        examples: titles of a few of them.
        incidents: how many services they are about, each of which would open an incident at its end.
    """

    now: int = 0
    in_all: int = 0
    worst: str = ""
    examples: tuple[str, ...] = ()
    incidents: int = 0


def unsettled(now: datetime) -> QuerySet[MaintenanceWindow]:
    """Windows that have begun and whose end has not been settled."""
    return MaintenanceWindow.objects.filter(settled_at__isnull=True, starts_at__lte=now)


def in_force(now: datetime) -> list[Window]:
    """The windows and freezes that are open at this moment, as values."""
    rows = unsettled(now).filter(ended_at__isnull=True, until__gt=now)
    return [row.as_value() for row in rows]


def hands_off(service: str, environment: str, now: datetime | None = None) -> str:
    """Why agents must not act on a service at this moment: a sentence, or nothing."""
    at = now or clock.now()
    return hands_off_by(service, environment, in_force(at), at)


def locked_window(window_id: int) -> MaintenanceWindow:
    """A window's row, held until the transaction ends.

    Raises:
        NotFoundError: There is no such window.
    """
    window = MaintenanceWindow.objects.select_for_update().filter(pk=window_id).first()
    if window is None:
        detail = f"There is no maintenance window {window_id}."
        raise NotFoundError(detail)
    return window


def hidden_by(window_id: int) -> QuerySet[Alert]:
    """The alerts that fire behind a window and are held back by it."""
    return Alert.objects.filter(window_id=window_id, status=Status.SUPPRESSED.value, told__in=LIVE)


def hides(window: MaintenanceWindow) -> Hides:
    """What a window hides, counted."""
    hidden = hidden_by(window.pk)
    counted = hidden.aggregate(now=Count("pk"), services=Count("service", distinct=True))
    words = set(hidden.order_by().values_list("severity", flat=True).distinct())
    return Hides(
        now=counted["now"],
        in_all=window.hid if window.settled_at else Alert.objects.filter(window=window).count(),
        worst=min((level(word) for word in words), default=""),
        examples=tuple(hidden.order_by("-id").values_list("title", flat=True)[:EXAMPLES]),
        incidents=counted["services"],
    )


def windows_read(actor: Actor, windows: QuerySet[MaintenanceWindow]) -> QuerySet[MaintenanceWindow]:
    """Those that name no service, or one that the actor may read about."""
    slugs = services_read(actor)
    if slugs is None:
        return windows
    rows = windows.order_by("-id").values_list("pk", "services")[:MOST_LISTED]
    return windows.filter(pk__in=[pk for pk, named in rows if not named or slugs.intersection(named)])


def would_have_hidden(window: Window, now: datetime) -> tuple[int, str]:
    """How many alerts of the last week a window would have covered, and the worst of their severities."""
    recent = Alert.objects.filter(first_seen_at__gte=now - LOOK_BACK)
    if window.services:
        recent = recent.filter(service__in=window.services)
    if window.environment:
        recent = recent.filter(environment=window.environment)
    if not window.labels:
        counted = recent.aggregate(number=Count("pk"), first=Min("pk"))
        words: Sequence[str] = list(recent.order_by().values_list("severity", flat=True).distinct())
        return counted["number"], min((level(word) for word in words), default="")
    rows = recent.order_by("-id").values_list("service", "environment", "severity", "labels")[:MOST_LOOKED_AT]
    fitting = [
        severity
        for service, environment, severity, labels in rows
        if covers(window, Signal(service=service, environment=environment, severity=severity, labels=labels))
    ]
    return len(fitting), min((level(word) for word in fitting), default="")


def due(now: datetime) -> list[int]:
    """Windows whose end has come and has not been settled, the longest overdue first."""
    over = Q(until__lte=now) | Q(ended_at__isnull=False)
    rows = MaintenanceWindow.objects.filter(over, settled_at__isnull=True)
    return list(rows.order_by("until", "pk").values_list("pk", flat=True)[:100])
