"""The map of services: what the catalogue knows, and what is wrong there now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.text import slugify

from console.drawing.service_map import Box, Drawing, Edge, draw
from console.phrases import digits, plural
from console.selectors import service_spots
from console.selectors.service_spots import DATA, Spot
from core.actors import Actor

MOST_DRAWN, MOST_LISTED = 60, 100
VIEWS = (
    ("all", "All"),
    ("reached", "What incidents reach"),
    ("critical", "Critical"),
    ("data", "Confidential and restricted data"),
    ("mine", "Mine"),
)
GUARDED = frozenset(DATA[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page was asked to show: a view, words, one environment, one team, one service, and from which row."""

    view: str = "all"
    text: str = ""
    environment: str = ""
    team: str = ""
    service: str = ""
    start: int = 0

    @property
    def query(self) -> str:
        """What narrows the page, for links that keep it; without the service and the row."""
        told = {"view": self.view, "text": self.text, "environment": self.environment, "team": self.team}
        return urlencode({name: value for name, value in told.items() if value and value != "all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The page: everything known, what is shown of it, and the drawing."""

    asked: Asked
    spots: Mapping[str, Spot]
    shown: Sequence[Spot]
    drawn: Drawing
    edges: Sequence[Edge]
    environments: Sequence[str]
    teams: Sequence[str]
    views: Sequence[tuple[str, str, int, int]]

    @property
    def catalogued(self) -> int:
        """How many services the catalogue has."""
        return sum(spot.known for spot in self.spots.values())

    @property
    def rows(self) -> Sequence[Spot]:
        """The part of the list that is shown."""
        return self.shown[self.asked.start : self.asked.start + MOST_LISTED]

    @property
    def next_start(self) -> int:
        """Where the list goes on; 0 where it does not."""
        following = self.asked.start + MOST_LISTED
        return following if following < len(self.shown) else 0

    @property
    def left_out(self) -> int:
        """How many of those shown the map does not draw."""
        return len(self.shown) - len(self.drawn.boxes)

    @property
    def placed(self) -> list[tuple[Box, Spot]]:
        """Boxes of the drawing with what they stand for."""
        return [(box, self.spots[box.name]) for box in self.drawn.boxes]

    @property
    def headline(self) -> str:
        """The answer to: what is wrong, and how far does it go?"""
        if not self.catalogued:
            return "No services yet"
        open_now = {incident.pk for spot in self.spots.values() for incident in spot.incidents}
        many = plural(self.catalogued, "service")
        if not open_now:
            return f"No incident touches {'the' if self.catalogued == 1 else 'any of'} {many}"
        far = sum(spot.known and spot.hops is not None for spot in self.spots.values())
        at_fault = [spot.slug for spot in self.spots.values() if spot.is_at_fault]
        if len(open_now) == 1 and len(at_fault) == 1:
            return f"An incident on {at_fault[0]} reaches {far} of {many}"
        verb = "reaches" if len(open_now) == 1 else "reach"
        told = "An incident" if len(open_now) == 1 else f"{digits(len(open_now))} incidents"
        return f"{told} {verb} {far} of {many}"

    @property
    def worst(self) -> Spot | None:
        """The first of those shown that an incident touches."""
        return next((spot for spot in self.shown if spot.incidents), None)

    @property
    def hidden(self) -> int:
        """Alerts that windows hide."""
        return sum(spot.hidden for spot in self.spots.values())

    @property
    def unowned(self) -> int:
        """Services that name no team."""
        return sum(spot.known and not spot.team for spot in self.spots.values())

    @property
    def unknown(self) -> int:
        """Services that somebody calls and that the catalogue does not have."""
        return sum(not spot.known for spot in self.spots.values())


def read(asked: Asked, actor: Actor, *, team: str = "") -> Services:
    """The page for one person, of this team; a fixed number of queries, however many services there are."""
    edges, spots = service_spots.read(actor)
    mine = slugify(team)
    views = [
        (name, title, sum(_is_in(spot, name, mine) for spot in spots.values()), key)
        for key, (name, title) in enumerate(VIEWS, 1)
        if name != "mine" or mine
    ]
    shown = [spot for spot in spots.values() if _is_in(spot, asked.view, mine) and _fits(spot, asked)]
    shown.sort(key=_urgency)
    drawn = {spot.slug: spot.tone for spot in _most_telling(shown, spots, asked.service)}
    return Services(
        asked=asked,
        spots=spots,
        shown=shown,
        drawn=draw(drawn.keys(), edges, drawn),
        edges=edges,
        environments=sorted({spot.environment for spot in spots.values()} - {""}),
        teams=sorted({spot.team for spot in spots.values()} - {""}),
        views=views,
    )


def _is_in(spot: Spot, view: str, team: str) -> bool:
    return {
        "reached": spot.hops is not None,
        "critical": spot.criticality == "critical",
        "data": spot.data in GUARDED,
        "mine": bool(team) and slugify(spot.team) == team,
    }.get(view, True)


def _fits(spot: Spot, asked: Asked) -> bool:
    words = f"{spot.slug} {spot.name} {spot.team} {spot.data} {spot.environment}".lower()
    here = not asked.environment or spot.environment == asked.environment
    theirs = not asked.team or spot.team == asked.team
    return here and theirs and all(word in words for word in asked.text.lower().split())


def _urgency(spot: Spot) -> tuple[bool, int, bool, str, str]:
    """At fault first, then touched, then what they reach, nearest first."""
    worst = spot.incidents[0].severity if spot.incidents else ""
    return spot.hops is None, spot.hops or 0, not spot.is_at_fault, worst, spot.slug


def _most_telling(shown: Sequence[Spot], spots: Mapping[str, Spot], selected: str) -> Collection[Spot]:
    """As many as a person can read in a drawing: what is affected, what is asked for with its neighbours, the rest."""
    if len(shown) <= MOST_DRAWN:
        return shown
    chosen = spots.get(selected)
    near = {selected, *chosen.needs, *chosen.needed_by} if chosen is not None else set()
    ranked = sorted(
        shown,
        key=lambda spot: (
            spot.slug != selected,
            not spot.incidents,
            spot.slug not in near,
            spot.hops is None,
            spot.hops or 0,
            -len(spot.needs) - len(spot.needed_by),
            spot.slug,
        ),
    )
    return ranked[:MOST_DRAWN]
