"""What one window hides, alert by alert, and what a freeze meets: all that is planned, waits or burns inside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals.models import ApprovalRequest
from console.phrases import clock_time
from console.selectors.window_rows import Shown, shown
from core import clock
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import scope_of_service, scopes_read
from incidents.correlation.windows import Kind, Signal, covers
from incidents.events import level
from incidents.models import Alert, Incident, MaintenanceWindow
from incidents.scoping import alerts_read, incidents_read
from incidents.selectors import LIVE, OPEN_STATES
from incidents.windows import windows_read

MOST_LISTED, MOST_LOOKED_AT, MOST_MET = 200, 500, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """An alert that a window hides, or hid; `level` is S1 to S4, `is_hidden` whether it is hidden at this moment."""

    row: Alert
    level: str
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One window, what it hides, and what of it the actor may not read about."""

    one: Shown
    alerts: Sequence[Behind]
    more: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Something inside a freeze: a mark, what it is, where it stands, and what follows."""

    mark: str
    text: str
    address: str
    then: str


def read(window_id: int, actor: Actor) -> Page:
    """The page of one window.

    Raises:
        NotFoundError: There is none that the actor may read about.
    """
    row = windows_read(actor, MaintenanceWindow.objects.filter(pk=window_id)).first()
    if row is None:
        detail = f"There is no maintenance window {window_id}."
        raise NotFoundError(detail)
    behind = alerts_read(actor, Alert.objects.filter(window=row))
    found = list(behind.order_by("-id")[:MOST_LISTED])
    listed = [Behind(row=one, level=level(one.severity), is_hidden=_is_hidden(one)) for one in found]
    return Page(
        one=shown([row], actor)[0],
        alerts=sorted(listed, key=lambda one: (not one.is_hidden, one.level)),
        more=max(0, behind.count() - len(found)) if len(found) == MOST_LISTED else 0,
        state=row.state(clock.now()),
    )


def _is_hidden(alert: Alert) -> bool:
    return alert.status == "suppressed" and alert.told in LIVE


def met(freeze: MaintenanceWindow, actor: Actor) -> list[Met]:
    """Planned work, plans that wait for signatures, and open incidents on what a freeze covers."""
    return [*_planned(freeze, actor), *_requests(freeze, actor), *_incidents(freeze, actor)]


def _planned(freeze: MaintenanceWindow, actor: Actor) -> list[Met]:
    coming = windows_read(actor, MaintenanceWindow.objects.filter(kind=Kind.MAINTENANCE.value)).filter(
        ended_at__isnull=True, settled_at__isnull=True, starts_at__lt=freeze.until, until__gt=freeze.starts_at
    )
    inside = [row for row in coming.order_by("starts_at")[:MOST_LOOKED_AT] if _share(freeze, row)]
    return [
        Met(
            mark="×",
            text=f"{', '.join(row.services[:3]) or row.environment}: {row.why}, {clock_time(row.starts_at)} UTC",
            address=f"/maintenance/{row.pk}/",
            then="falls inside; people may work, agents do not",
        )
        for row in inside[:MOST_MET]
    ]


def _share(freeze: MaintenanceWindow, other: MaintenanceWindow) -> bool:
    here = not (freeze.environment and other.environment) or freeze.environment == other.environment
    named = not (freeze.services and other.services) or not set(freeze.services).isdisjoint(other.services)
    return here and named


def _requests(freeze: MaintenanceWindow, actor: Actor) -> list[Met]:
    mine = scopes_read(actor)
    waiting = ApprovalRequest.objects.filter(state="PENDING").select_related("change").order_by("-id")[:MOST_LOOKED_AT]
    found = []
    for request in waiting:
        places = request.change.places()
        readable = mine is None or any(not mine.isdisjoint(scopes) for scopes in places)
        if readable and any(_covers_place(freeze, scopes) for scopes in places):
            then = "waits for a signature; signed, it runs all the same"
            found.append(Met(mark="−", text=request.change.intent, address=f"/approvals/{request.pk}/", then=then))
    return found[:MOST_MET]


def _covers_place(freeze: MaintenanceWindow, scopes: frozenset[str]) -> bool:
    if freeze.services:
        places = {scope.rpartition("/")[2] for scope in scopes if scope.startswith("service:")}
        return not places.isdisjoint(freeze.services) and (
            not freeze.environment or any(scope_of_service(freeze.environment, slug) in scopes for slug in places)
        )
    return not freeze.environment or any(scope.startswith(f"service:{freeze.environment}/") for scope in scopes)


def _incidents(freeze: MaintenanceWindow, actor: Actor) -> list[Met]:
    unsettled = incidents_read(actor, Incident.objects.filter(state__in=OPEN_STATES))
    if freeze.services:
        unsettled = unsettled.filter(service__in=freeze.services)
    if freeze.environment:
        unsettled = unsettled.filter(environment=freeze.environment)
    return [
        Met(
            mark="−",
            text=f"{incident.number} {incident.title}",
            address=f"/incidents/{incident.pk}/",
            then="is open; agents look, and a person decides",
        )
        for incident in unsettled.order_by("severity", "-id")[:MOST_MET]
    ]


def came_through(windows: Sequence[MaintenanceWindow], actor: Actor) -> list[tuple[MaintenanceWindow, Alert]]:
    """Critical alerts that fire inside an open window and were not hidden, each with its window."""
    if not windows:
        return []
    firing = alerts_read(actor, Alert.objects.filter(status__in=LIVE, severity="critical", incident__isnull=False))
    found = []
    for alert in firing.order_by("-id")[:MOST_LOOKED_AT]:
        told = Signal(
            service=alert.service, environment=alert.environment, severity=alert.severity, labels=alert.labels
        )
        inside = next(
            (row for row in windows if row.starts_at <= alert.first_seen_at and covers(row.as_value(), told)), None
        )
        if inside is not None:
            found.append((inside, alert))
    return found[:MOST_MET]
