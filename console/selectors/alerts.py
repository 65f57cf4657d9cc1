"""The alerts of an incident: what fires, what flaps, who talks most, and whether people found them useful."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q, Sum

from core import clock
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import Permission
from incidents.events import level
from incidents.models import Alert, Flapping, Incident, Rating
from incidents.permissions import grants
from incidents.scoping import services_read
from incidents.talkers import Talkers, talkers

MOST, LOUDEST, LOOKED_AT = 20, 5, 20_000
WEEK = timedelta(days=7)
LIVE_FIRST = ("status", "first_seen_at", "pk")
"""Acknowledged and firing come before pending, resolved and suppressed, also in the alphabet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One alert.

    Attributes:
        flaps: the time in which it flaps, or None.
        mine: this person's word on it, or nothing; `useful` and `noise` count everybody's.
    """

    row: Alert
    level: str
    flaps: Flapping | None
    mine: str
    useful: int
    noise: int
    may_rate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Those of an incident: the first few, how many there are, and who talks most where they are many."""

    lines: Sequence[Line]
    in_all: int
    loudest: Talkers | None


def of_incident(incident: Incident, actor: Actor) -> Alerts:
    """The alerts of an incident as this person sees them; no more queries for more alerts."""
    rows = list(Alert.objects.filter(incident=incident).order_by(*LIVE_FIRST)[: MOST + 1])
    loudest = talkers(incident) if len(rows) > MOST or incident.storm_count else None
    rows = rows[:MOST]
    words = Rating.objects.filter(alert__in=rows).order_by().values("alert")
    told = {
        one["alert"]: one
        for one in words.annotate(
            useful=Count("pk", filter=Q(verdict=Rating.USEFUL)), noise=Count("pk", filter=Q(verdict=Rating.NOISE))
        )
    }
    mine = dict(Rating.objects.filter(alert__in=rows, by=actor.id).values_list("alert", "verdict"))
    flapping = {one.fingerprint: one for one in Flapping.objects.filter(incident=incident, calm_at__isnull=True)}
    may_rate, slugs = grants.allow(Permission.ALERT_RATE, actor, incident), services_read(actor)
    lines = [
        Line(
            row=row,
            level=level(row.severity),
            flaps=flapping.get(row.fingerprint) if row.is_flapping else None,
            mine=mine.get(row.pk, ""),
            useful=told[row.pk]["useful"] if row.pk in told else 0,
            noise=told[row.pk]["noise"] if row.pk in told else 0,
            may_rate=may_rate and (slugs is None or row.service in slugs),
        )
        for row in rows
    ]
    return Alerts(lines=lines, in_all=loudest.alerts if loudest else len(rows), loudest=loudest)


def find(incident_id: int, alert_id: int) -> Alert:
    """An alert of this incident.

    Raises:
        NotFoundError: There is none.
    """
    alert = Alert.objects.filter(pk=alert_id, incident_id=incident_id).first()
    if alert is None:
        detail = f"INC-{incident_id} has no alert {alert_id}."
        raise NotFoundError(detail)
    return alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a source's alerts are worth: people's words, what is loudest among its newest, and what flaps now."""

    useful: int
    noise: int
    people: int
    loudest: Sequence[tuple[str, int, int]]
    flapping: Sequence[Flapping]

    @property
    def said(self) -> int:
        """How many words there are."""
        return self.useful + self.noise


def of_source(slug: str) -> Worth:
    """What the alerts of a source are worth; the loudest are looked for among the newest alerts alone."""
    words = Rating.objects.filter(alert__source=slug).aggregate(
        useful=Count("pk", filter=Q(verdict=Rating.USEFUL)),
        noise=Count("pk", filter=Q(verdict=Rating.NOISE)),
        people=Count("by", distinct=True),
    )
    newest = Alert.objects.aggregate(last=Max("pk"))["last"] or 0
    recent = Alert.objects.filter(source=slug, pk__gt=newest - LOOKED_AT, last_seen_at__gte=clock.now() - WEEK)
    loud = recent.order_by().values_list("title").annotate(number=Count("pk"), told=Sum("count"))
    return Worth(
        **words,
        loudest=list(loud.order_by("-told", "title")[:LOUDEST]),
        flapping=list(Flapping.objects.filter(source=slug, calm_at__isnull=True).order_by("-since")[:LOUDEST]),
    )
