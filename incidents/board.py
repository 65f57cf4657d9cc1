"""The open incidents that the alerts of a turn may belong to, read at once and kept in mind."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from incidents.correlation.placement import MAX_HOPS, WINDOW, NewAlert, OpenIncident
from incidents.correlation.topology import deepest
from incidents.models import Alert, Incident
from incidents.selectors import DOWN, LIVE, OPEN_STATES, rule_name

if TYPE_CHECKING:
    from incidents.desk import Desk

MOST: Final = 1000


@dataclass(slots=True)
class Standing:
    """An open incident with its live alerts: how many of each service and severity, and the names of its rules."""

    incident: Incident
    firing: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: set[tuple[str, str]] = field(default_factory=set)

    def services(self) -> set[str]:
        """The services with a live alert in it."""
        return {service for (service, _), number in self.firing.items() if number > 0 and service}


class Board:
    """Open incidents near what a turn is about. Their rows are held until the transaction ends."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._expected: list[tuple[str, str, datetime]] = []
        self._near = cache(self._near_of)
        self._deepest = cache(self._deepest_of)
        self.forget()

    def forget(self) -> None:
        """Read anew at the next question."""
        self._standings: dict[int, Standing] = {}
        self._by_service: defaultdict[str, set[int]] = defaultdict(set)
        self._by_name: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._loaded: set[str] = set()
        self._sources: set[str] = set()
        self._since: datetime | None = None

    def expect(self, told: Iterable[tuple[str, str, datetime]]) -> None:
        """Service, source and event time of alerts that may be asked about; they are read with the first of them."""
        self._expected += told

    def offered(self, asked: NewAlert) -> list[OpenIncident]:
        """Open incidents that an alert might belong to, as values for the correlation."""
        self._load(asked)
        near = self._near(asked.service) if asked.service else frozenset[str]()
        if asked.service:
            found = set[int]().union(*(self._by_service[service] for service in near))
        else:
            found = set(self._by_name[asked.source, asked.name])
        standings = [self._standings[pk] for pk in sorted(found)]
        return [_value(one, near) for one in standings if one.incident.is_open]

    def row(self, incident_id: int) -> Incident:
        """The held row of an incident that was offered."""
        return self._standings[incident_id].incident

    def held(self, incident_id: int) -> Incident | None:
        """An incident's row, held, if it is still open."""
        if incident_id not in self._standings:
            self._desk.write()
            self._take(Incident.objects.select_for_update(of=("self",)).filter(pk=incident_id))
        incident = self._standings[incident_id].incident if incident_id in self._standings else None
        return incident if incident is not None and incident.is_open else None

    def opened(self, incident: Incident) -> None:
        """Keep a new incident in mind."""
        self._desk.locked([incident])
        self._keep(Standing(incident))

    def services(self, incident: Incident) -> set[str]:
        """The services with a live alert in an incident that is held."""
        return self._standings[incident.pk].services()

    def deepest(self, firing: Iterable[str], current: str) -> str:
        """The firing service furthest down the call path."""
        return self._deepest(frozenset(firing), current)

    def gave(self, alert: Alert, incident: Incident) -> None:
        """A live alert was put into an incident."""
        standing = self._standings.get(incident.pk)
        if standing is None:
            return
        standing.firing[alert.service, alert.severity] += 1
        if not alert.service:
            standing.names.add((alert.source, rule_name(alert)))
        self._keep(standing)

    def left(self, alert: Alert) -> None:
        """A live alert is over. The names of rules are left: they matter for alerts without a service alone."""
        standing = self._standings.get(alert.incident_id or 0)
        if standing is not None:
            standing.firing[alert.service, alert.severity] -= 1

    def _load(self, asked: NewAlert) -> None:
        """Read what is near an alert and all that are expected, unless it was read before."""
        since = asked.at - WINDOW
        if self._since is not None and since < self._since:
            self.forget()
        near = self._near(asked.service) if asked.service else frozenset[str]()
        if near <= self._loaded and (asked.service or asked.source in self._sources):
            return
        first = self._since is None
        services, sources = set(near), set() if asked.service else {asked.source}
        for service, source, at in self._expected if first else ():
            services |= self._near(service) if service else set()
            sources |= set() if service else {source}
            since = min(since, at - WINDOW)
        self._since = since if self._since is None else min(since, self._since)
        self._desk.write()
        self._read(services - self._loaded, sources - self._sources, since)
        self._loaded |= services
        self._sources |= sources

    def _read(self, services: set[str], sources: set[str], since: datetime) -> None:
        live = Alert.objects.filter(status__in=LIVE, incident__isnull=False, service__in=services).order_by()
        recently, wanted = Q(last_activity_at__gte=since), Q(pk__in=())
        if services:
            about = Q(service__in=services) | Q(pk__in=live.values("incident"))
            wanted |= about & (recently | Q(pk__in=live.filter(severity__in=DOWN).values("incident")))
        if sources:
            wanted |= Q(service="") & recently
        rows = Incident.objects.select_for_update(of=("self",)).filter(wanted, state__in=OPEN_STATES, storm_count=0)
        self._take(rows.exclude(pk__in=list(self._standings)).order_by("-pk")[:MOST])

    def _take(self, rows: Iterable[Incident]) -> None:
        taken = {row.pk: Standing(row) for row in self._desk.locked(rows)}
        live = Alert.objects.filter(incident__in=list(taken), status__in=LIVE).order_by()
        counted = live.exclude(service="").values_list("incident", "service", "severity").annotate(Count("pk"))
        for pk, service, severity, number in counted if taken else ():
            taken[pk].firing[service, severity] += number
        nameless = [pk for pk, standing in taken.items() if not standing.incident.service]
        for alert in live.filter(incident__in=nameless, service="")[:MOST] if nameless else ():
            taken[alert.incident_id or 0].names.add((alert.source, rule_name(alert)))
        for standing in taken.values():
            self._keep(standing)

    def _keep(self, standing: Standing) -> None:
        pk = standing.incident.pk
        self._standings[pk] = standing
        for service in {standing.incident.service, *standing.services()} - {""}:
            self._by_service[service].add(pk)
        if not standing.incident.service:
            for name in standing.names:
                self._by_name[name].add(pk)

    def _near_of(self, service: str) -> frozenset[str]:
        return self._desk.topology.near(service, max_hops=MAX_HOPS)

    def _deepest_of(self, firing: frozenset[str], current: str) -> str:
        return deepest(firing, self._desk.topology, current=current)


def _value(standing: Standing, near: frozenset[str]) -> OpenIncident:
    incident, firing = standing.incident, standing.firing
    inside = [(service, severity) for (service, severity), n in firing.items() if n > 0 and service in near]
    return OpenIncident(
        id=incident.pk,
        service=incident.service,
        environment=incident.environment,
        firing=frozenset({incident.service, *(service for service, _ in inside)} - {""}),
        began_at=incident.began_at,
        last_activity_at=incident.last_activity_at or incident.opened_at,
        names=frozenset(standing.names),
        down=frozenset(service for service, severity in inside if severity in DOWN),
    )
