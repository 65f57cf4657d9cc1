"""Where a new alert belongs: an open incident, or one of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.correlation.topology import Topology

WINDOW = timedelta(minutes=15)
MAX_HOPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """What is asked about.

    Attributes:
        name: what the rule that raised it is called; matters only where no service is known.
        at: event time.
    """

    service: str
    environment: str
    source: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An incident that still needs somebody.

    Attributes:
        firing: services with a live alert in it, and the one it is believed to be about.
        down: services of these that are down by a live alert that is critical or high.
        names: (source, rule name) of its alerts without a service.
        last_activity_at: when anything was last heard about it.
    """

    id: int
    service: str
    environment: str
    firing: frozenset[str]
    began_at: datetime
    last_activity_at: datetime
    names: frozenset[tuple[str, str]] = frozenset()
    down: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The answer: an incident to join, or None to open one; `why` in a sentence."""

    incident_id: int | None
    why: str


def place(
    alert: NewAlert,
    open_incidents: Sequence[OpenIncident],
    topology: Topology,
    now: datetime,
    *,
    window: timedelta = WINDOW,
) -> Placement:
    """Find the incident that an alert belongs to. Resolved and closed incidents are never offered.

    Same service beats the call path, a short path beats a long one, recent activity beats older.
    What needs a service that is down belongs to that outage for as long as it lasts.
    """
    found: list[tuple[int, float, int, str]] = []
    for incident in open_incidents:
        match = _match(alert, incident, topology) if _is_near(alert, incident, now, window) else None
        if (match is None or match[0]) and min(alert.at, now) >= incident.began_at - window:
            match = _outage(alert, incident, topology) or match
        if match:
            distance, why = match
            found.append((distance, -incident.last_activity_at.timestamp(), incident.id, why))
    if not found:
        return Placement(incident_id=None, why=_alone(alert, window))
    _, _, incident_id, why = min(found)
    return Placement(incident_id=incident_id, why=why)


def _is_near(alert: NewAlert, incident: OpenIncident, now: datetime, window: timedelta) -> bool:
    at = min(alert.at, now)
    return incident.began_at - window <= at <= incident.last_activity_at + window


def _match(alert: NewAlert, incident: OpenIncident, topology: Topology) -> tuple[int, str] | None:
    """How far the alert is from the incident, in calls, and why it belongs there."""
    same_environment = alert.environment == incident.environment
    if not alert.service:
        is_same_rule = same_environment and (alert.source, alert.name) in incident.names
        return (
            (0, f"The same rule ({alert.name}) of the same source; neither names a service.") if is_same_rule else None
        )
    if alert.service in incident.firing and _may_share(alert.environment, incident.environment):
        return 0, f"About the same service, {alert.service}, and near in time."
    if alert.service in incident.firing or not same_environment:
        return None
    ways = [topology.link(alert.service, other, max_hops=MAX_HOPS) for other in sorted(incident.firing)]
    way = min((way for way in ways if way), key=len, default=())
    return (len(way) - 1, _path_sentence(alert, way)) if way else None


def _outage(alert: NewAlert, incident: OpenIncident, topology: Topology) -> tuple[int, str] | None:
    """How far below the alert's service one lies that is down, and the sentence that says so."""
    if not alert.service or alert.environment != incident.environment or alert.service in incident.down:
        return None
    ways = [topology.path(alert.service, parent, max_hops=MAX_HOPS) for parent in sorted(incident.down)]
    way = min((way for way in ways if way), key=len, default=())
    if not way:
        return None
    return len(way) - 1, f"{alert.service} needs {way[-1]}, which is down ({' → '.join(way)}): part of that outage."


def _may_share(one: str, other: str) -> bool:
    return one == other or not one or not other


def _path_sentence(alert: NewAlert, way: tuple[str, ...]) -> str:
    other = way[-1] if way[0] == alert.service else way[0]
    return f"{alert.service} and {other} are on one call path ({' → '.join(way)}), and near in time."


def _alone(alert: NewAlert, window: timedelta) -> str:
    minutes = int(window.total_seconds() // 60)
    about = f"{alert.service} or a service on its call path" if alert.service else f"the rule {alert.name}"
    return f"No open incident about {about} was active in the {minutes} minutes before."
