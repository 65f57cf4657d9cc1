"""Gather what comes in a storm in one incident."""

from datetime import datetime

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from incidents.correlation.storms import MOST_OPENED, WITHIN, begins, goes_on, is_told, title, why
from incidents.events import level
from incidents.firing import give
from incidents.models import Alert, Incident
from incidents.selectors import OPEN_STATES


@transaction.atomic
def gather_storm(alert: Alert, *, actor: Actor) -> Incident | None:
    """Take an alert that would open an incident of its own into the storm, if there is one; else None.

    The work for one alert does not grow with the storm, and agents only observe it. The caller holds the turn.
    """
    now = clock.now()
    storm = _under_way(now)
    if storm is None:
        if not begins(_opened_lately(now)):
            return None
        storm = _open(alert, now, actor=actor)
    _take_in(storm, alert, actor=actor)
    return storm


def _under_way(now: datetime) -> Incident | None:
    storms = Incident.objects.select_for_update().filter(storm_count__gt=0, state__in=OPEN_STATES)
    storm = storms.order_by("-id").first()
    if storm is None:
        return None
    taken = Alert.objects.filter(incident=storm).order_by("-id").values_list("first_seen_at", flat=True)
    earlier = taken[MOST_OPENED - 1 : MOST_OPENED].first() if storm.storm_count >= MOST_OPENED else None
    return storm if goes_on(storm.opened_at, earlier, now) else None


def _opened_lately(now: datetime) -> int:
    lately = Incident.objects.filter(opened_at__gte=now - WITHIN, opened_at__lte=now + WITHIN, storm_count=0)
    return lately.values("pk")[:MOST_OPENED].count()


def _open(alert: Alert, now: datetime, *, actor: Actor) -> Incident:
    storm = Incident.objects.create(
        title=title(0),
        severity=level(alert.severity),
        autonomy="observe",
        opened_at=now,
        began_at=min(alert.starts_at or now, now),
        last_activity_at=alert.last_seen_at,
    )
    facts = {"title": storm.title, "severity": storm.severity, "service": "", "autonomy": "observe", "why": why()}
    ledger.append(actor=actor, verb="incident.opened", subject=storm.subject, facts=facts, about=[storm.subject])
    return storm


def _take_in(storm: Incident, alert: Alert, *, actor: Actor) -> None:
    storm.storm_count += 1
    storm.severity = min(storm.severity, level(alert.severity))
    storm.last_activity_at = max(storm.last_activity_at or alert.last_seen_at, alert.last_seen_at)
    told = is_told(storm.storm_count)
    if told:
        storm.title = title(storm.storm_count)
    storm.save(update_fields=["storm_count", "severity", "last_activity_at", "title"])
    give(alert, storm, actor=actor)
    if told:
        joined = {"alert": alert.pk, "title": alert.title, "count": storm.storm_count, "why": why()}
        ledger.append(actor=actor, verb="incident.joined", subject=storm.subject, facts=joined, about=[storm.subject])
        live.changed("queue", storm.subject)
