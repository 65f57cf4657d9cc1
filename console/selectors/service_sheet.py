"""One service beside the map: what fires there, what it needs, who needs it, and its last ninety days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from agents.models import Remediation
from console import marks
from console.drawing.service_map import Edge, reached
from console.marks import State
from console.phrases import plural
from console.selectors.service_spots import Spot
from core import clock
from core.actors import Actor
from incidents.correlation.windows import Kind
from incidents.events import level
from incidents.models import Alert, Incident, MaintenanceWindow
from incidents.scoping import incidents_read
from incidents.selectors import LIVE
from incidents.windows import windows_read
from people.models import Person

LOOK_BACK = timedelta(days=90)
MOST_ALERTS, MOST_PAST, MOST_WINDOWS, MOST_PEOPLE, MOST_NAMED = 8, 6, 5, 5, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """An alert that fires there now; `hidden` where a window holds it back, `level` is S1 to S4."""

    row: Alert
    level: str
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An incident of the last ninety days, and how it stands."""

    incident: Incident
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet.

    Attributes:
        owners: names of people of its team.
        windows: the windows and freezes that cover it, open or planned.
        stops: if it stopped: how many calls away, and who is there; `stops_in_all` counts them.
        past_count: incidents of the last ninety days, of which `past` has the newest.
    """

    spot: Spot
    owners: Sequence[str]
    alerts: Sequence[Firing]
    windows: Sequence[MaintenanceWindow]
    stops: Sequence[tuple[str, Sequence[str], int]]
    stops_in_all: int
    past: Sequence[Past]
    past_count: int

    @property
    def more_alerts(self) -> int:
        """How many fire that are not listed."""
        return max(0, self.spot.alerts + self.spot.hidden - len(self.alerts))


def read(spot: Spot, edges: Sequence[Edge], actor: Actor) -> Sheet:
    """The sheet of a service that the actor may read about."""
    firing = Alert.objects.filter(service=spot.slug, told__in=LIVE) | Alert.objects.filter(
        service=spot.slug, status__in=LIVE
    )
    found = sorted(firing.order_by("-id")[: MOST_ALERTS * 4], key=lambda row: level(row.severity))[:MOST_ALERTS]
    people = (
        Person.objects.filter(team=spot.team, is_active=True).order_by("name") if spot.team else Person.objects.none()
    )
    far = reached([spot.slug], edges)
    past = _past(spot.slug, actor)
    newest = list(past.order_by("-id")[:MOST_PAST])
    return Sheet(
        spot=spot,
        owners=[person.name for person in people[:MOST_PEOPLE]],
        alerts=[Firing(row=row, level=level(row.severity), hidden=row.status not in LIVE) for row in found],
        windows=_windows(spot, actor),
        stops=_stops(far),
        stops_in_all=len(far) - 1,
        past=_with_states(newest),
        past_count=past.count() if len(newest) == MOST_PAST else len(newest),
    )


def _stops(far: dict[str, int]) -> list[tuple[str, list[str], int]]:
    """Who needs it, by how many calls lie between."""
    rings: dict[int, list[str]] = {}
    for name, hops in sorted(far.items()):
        rings.setdefault(hops, []).append(name)
    rings.pop(0, None)
    return [
        (
            "calls it" if hops == 1 else plural(hops, "call") + " away",
            names[:MOST_NAMED],
            max(0, len(names) - MOST_NAMED),
        )
        for hops, names in sorted(rings.items())
    ]


def _past(slug: str, actor: Actor) -> QuerySet[Incident]:
    touching = Alert.objects.filter(service=slug, incident__isnull=False).order_by().values("incident")
    recent = Incident.objects.filter(opened_at__gte=clock.now() - LOOK_BACK)
    return incidents_read(actor, recent.filter(Q(service=slug) | Q(pk__in=touching)))


def _with_states(incidents: Sequence[Incident]) -> list[Past]:
    newest = {
        row.incident_id: row
        for row in Remediation.objects.filter(incident_id__in=[i.pk for i in incidents]).order_by("id")
    }
    return [Past(incident=incident, state=_state(incident, newest.get(incident.pk))) for incident in incidents]


def _state(incident: Incident, remediation: Remediation | None) -> State:
    if remediation is not None:
        return marks.of_remediation(remediation.state, remediation.reason)
    return marks.STATES[incident.state]


def _windows(spot: Spot, actor: Actor) -> list[MaintenanceWindow]:
    """Those that cover the whole service; one that is narrowed to labels covers it in part."""
    now = clock.now()
    coming = windows_read(actor, MaintenanceWindow.objects.all()).filter(
        ended_at__isnull=True, settled_at__isnull=True, until__gt=now
    )
    fitting = [
        row
        for row in coming.order_by("starts_at")[:500]
        if (spot.slug in row.services if row.services else row.environment or row.kind == Kind.FREEZE.value)
        and row.environment in {"", spot.environment}
    ]
    return fitting[:MOST_WINDOWS]
