"""Gather what comes in a storm in one incident."""

from collections import deque
from datetime import datetime

from core import clock, live
from incidents.correlation import storms
from incidents.desk import Desk, StormWatch
from incidents.events import level
from incidents.firing import give
from incidents.models import Alert, Incident
from incidents.selectors import OPEN_STATES


def gather_storm(desk: Desk, alert: Alert) -> Incident | None:
    """Take an alert that would open an incident of its own into the storm, if there is one; else None.

    The work for one alert does not grow with the storm, and agents only observe it. The caller holds the turn.
    """
    now = clock.now()
    watch = desk.storm = desk.storm or _watch(desk, now)
    if watch.storm is not None and not _goes_on(watch, now):
        watch.storm = None
    if watch.storm is None:
        if not storms.begins(watch.opened):
            return None
        watch.storm, watch.taken = _open(desk, alert, now), deque(maxlen=storms.MOST_OPENED)
    _take_in(desk, watch, watch.storm, alert)
    return watch.storm


def _watch(desk: Desk, now: datetime) -> StormWatch:
    desk.write()
    lately = Incident.objects.filter(opened_at__gte=now - storms.WITHIN, opened_at__lte=now + storms.WITHIN)
    opened = lately.filter(storm_count=0).values("pk")[: storms.MOST_OPENED].count()
    held = Incident.objects.select_for_update().filter(storm_count__gt=0, state__in=OPEN_STATES).order_by("-id")[:1]
    storm = next(iter(desk.locked(held)), None)
    taken: deque[datetime] = deque(maxlen=storms.MOST_OPENED)
    if storm is not None:
        newest = Alert.objects.filter(incident=storm).order_by("-id").values_list("first_seen_at", flat=True)
        taken.extendleft(newest[: storms.MOST_OPENED])
    return StormWatch(storm=storm, taken=taken, opened=opened)


def _goes_on(watch: StormWatch, now: datetime) -> bool:
    if watch.storm is None:
        return False
    is_full = watch.storm.storm_count >= storms.MOST_OPENED and len(watch.taken) == storms.MOST_OPENED
    return storms.goes_on(watch.storm.opened_at, watch.taken[0] if is_full else None, now)


def _open(desk: Desk, alert: Alert, now: datetime) -> Incident:
    storm = Incident.objects.create(
        title=storms.title(0),
        severity=level(alert.severity),
        autonomy="observe",
        opened_at=now,
        began_at=min(alert.starts_at or now, now),
        last_activity_at=alert.last_seen_at,
    )
    facts = {
        "title": storm.title,
        "severity": storm.severity,
        "service": "",
        "autonomy": "observe",
        "why": storms.why(),
    }
    desk.enter("incident.opened", storm.subject, facts, [storm.subject])
    desk.locked([storm])
    return storm


def _take_in(desk: Desk, watch: StormWatch, storm: Incident, alert: Alert) -> None:
    storm.storm_count += 1
    storm.severity = min(storm.severity, level(alert.severity))
    storm.last_activity_at = max(storm.last_activity_at or alert.last_seen_at, alert.last_seen_at)
    told = storms.is_told(storm.storm_count)
    if told:
        storm.title = storms.title(storm.storm_count)
    desk.place(storm)
    give(desk, alert, storm)
    watch.taken.append(alert.first_seen_at)
    if told:
        joined = {"alert": alert.pk, "title": alert.title, "count": storm.storm_count, "why": storms.why()}
        desk.enter("incident.joined", storm.subject, joined, [storm.subject])
        live.changed("queue", storm.subject)
