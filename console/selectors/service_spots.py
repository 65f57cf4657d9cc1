"""Each service of the catalogue with what is wrong there now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count

from console.drawing.service_map import Edge, reached
from console.phrases import plural
from core.actors import Actor
from incidents.events import Status, level
from incidents.models import Alert, Dependency, Incident, Service
from incidents.scoping import alerts_read, incidents_read, services_read
from incidents.selectors import LIVE, OPEN_STATES

MOST_INCIDENTS = 1000
DATA = ("restricted", "confidential", "internal", "public")
PLAIN = ("slug", "name", "environment", "team", "criticality", "autonomy", "stateless")
BARS = {"critical": 3, "important": 2, "normal": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One service.

    Attributes:
        data: the most guarded class of data that an action on it may touch, as declared.
        incidents: the open ones that touch it, the worst first.
        hops: over how many calls an incident reaches it; None where none does.
        alerts, worst: how many fire, and the worst of them; hidden: how many a window hides.
    """

    slug: str
    name: str = ""
    environment: str = ""
    team: str = ""
    criticality: str = ""
    autonomy: str = ""
    stateless: bool = False
    data: str = ""
    known: bool = True
    needs: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    hops: int | None = None
    alerts: int = 0
    worst: str = ""
    hidden: int = 0

    @property
    def tone(self) -> str:
        """How it is drawn."""
        if self.incidents:
            return "hot"
        return "warm" if self.hops is not None else "" if self.known else "ext"

    @property
    def is_at_fault(self) -> bool:
        """Whether an open incident is believed to be about it, and does not only touch it."""
        return any(incident.service == self.slug for incident in self.incidents)

    @property
    def bars(self) -> int:
        """How many of three bars its criticality has."""
        return BARS.get(self.criticality, 0)

    @property
    def note(self) -> str:
        """Its second line: what is wrong, or who owns it and what data it holds."""
        if self.incidents:
            more = f", {len(self.incidents) - 1} more" if len(self.incidents) > 1 else ""
            return f"{self.incidents[0].number}, {self.incidents[0].severity}{more}"
        if self.hops is not None:
            return "calls it" if self.hops == 1 else f"{self.hops} calls away"
        if not self.known:
            return "not in the catalogue"
        if self.hidden:
            return f"{plural(self.hidden, 'alert')} hidden"
        return " · ".join(word for word in (self.team or "no owner", self.data) if word)

    @property
    def note_class(self) -> str:
        """Class of the second line."""
        return {"hot": "r", "warm": "o"}.get(self.tone, "m")


def read(actor: Actor) -> tuple[list[Edge], dict[str, Spot]]:
    """The calls and the services that this person may read about; a fixed number of queries."""
    slugs = services_read(actor)
    rows = Service.objects.order_by("slug") if slugs is None else Service.objects.filter(slug__in=slugs)
    found = {row.slug: row for row in rows.only(*PLAIN, "factors")}
    every = Dependency.objects.values_list("caller", "callee")
    edges = sorted(pair for pair in every if slugs is None or set(pair) <= slugs)
    needs, needed_by = _neighbours(edges)
    touched = _touched(actor)
    far = reached(touched, edges)
    live, worst, hidden = _alerts(actor)
    spots = {}
    for slug in sorted({*found, *(name for pair in edges for name in pair)}):
        row = found.get(slug)
        bare = Spot(slug=slug, known=False) if row is None else _plain(row)
        spots[slug] = replace(
            bare,
            needs=needs[slug],
            needed_by=needed_by[slug],
            incidents=tuple(sorted(touched.get(slug, ()), key=lambda one: (one.severity, -one.pk))),
            hops=far.get(slug),
            alerts=live.get(slug, 0),
            worst=worst.get(slug, ""),
            hidden=hidden.get(slug, 0),
        )
    return edges, spots


def _plain(row: Service) -> Spot:
    levels = {told for factors in row.factors.values() for told in [_data_level(factors)] if told}
    data = next((level for level in DATA if level in levels), "")
    return Spot(**{name: getattr(row, name) for name in PLAIN}, data=data)


def _data_level(factors: object) -> str:
    """The class of data in one action's factors, which stand as a level, or as a level with a note."""
    told = factors.get("data", "") if isinstance(factors, dict) else ""
    return str(told.get("level", "") if isinstance(told, dict) else told)


def _neighbours(edges: Iterable[Edge]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    down: dict[str, tuple[str, ...]] = defaultdict(tuple)
    up: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for caller, callee in edges:
        down[caller] = (*down[caller], callee)
        up[callee] = (*up[callee], caller)
    return down, up


def _touched(actor: Actor) -> dict[str, list[Incident]]:
    """Open incidents by the services that they touch."""
    unsettled = incidents_read(actor, Incident.objects.filter(state__in=OPEN_STATES))
    found: dict[str, list[Incident]] = defaultdict(list)
    for incident in unsettled.order_by("severity", "-id")[:MOST_INCIDENTS]:
        for slug in {incident.service, *incident.services} - {""}:
            found[slug].append(incident)
    return found


def _alerts(actor: Actor) -> tuple[dict[str, int], dict[str, str], dict[str, int]]:
    """What fires by service, the worst of it, and what is hidden."""
    live: dict[str, int] = defaultdict(int)
    worst: dict[str, str] = {}
    firing = alerts_read(actor, Alert.objects.filter(status__in=LIVE)).exclude(service="").order_by()
    for row in firing.values("service", "severity").annotate(number=Count("pk")):
        live[row["service"]] += row["number"]
        worst[row["service"]] = min(worst.get(row["service"], "S4"), level(row["severity"]))
    behind = Alert.objects.filter(status=Status.SUPPRESSED.value, told__in=LIVE, window__isnull=False)
    hidden = alerts_read(actor, behind).order_by().values_list("service").annotate(Count("pk"))
    return live, worst, dict(hidden)
