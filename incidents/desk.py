"""What whoever holds the turn has read, and has not written yet."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Final

from django.db.models import Count, Max

from audit import ledger
from audit.ledger import Deed
from core import bulk, clock, live
from core.actors import Actor
from incidents.board import Board
from incidents.correlation.rules import Rule
from incidents.correlation.topology import Topology
from incidents.correlation.windows import Window
from incidents.events import AlertEvent
from incidents.models import Alert, Dependency, Flapping, Incident, Service
from incidents.ruling import rules_in_force
from incidents.selectors import LIVE
from incidents.windows import in_force

AGAIN: Final = ("count", "last_seen_at", "last_event_at")
FIXED: Final = frozenset({"id", "source", "fingerprint", "first_seen_at"})
TOLD: Final = tuple(field.attname for field in Alert._meta.concrete_fields if field.name not in FIXED)  # noqa: SLF001
_told_of: Final = attrgetter(*TOLD)
NEVER: Final = (object(),) * len(TOLD)
"""What stands for the fields of an alert that was not read by its fingerprint: none equals any."""
PLACED: Final = (
    *("title", "service", "services", "severity", "environment", "autonomy"),
    *("began_at", "last_activity_at", "storm_count"),
)
MOST_COUNTED: Final = 1000

Key = tuple[str, str]


@dataclass(slots=True)
class StormWatch:
    """How near a storm is.

    Attributes:
        storm: the one under way, held.
        taken: when the last alerts that it took in came, the oldest first.
        opened: how many incidents were opened lately, up to the number that begins a storm.
    """

    storm: Incident | None
    taken: deque[datetime]
    opened: int


class Desk:
    """The memory of one turn: each thing is read once for all of its alerts, and written once at its end.

    Whoever makes one holds the turn (`Turn.take`) and calls `write` at the end. Every read that looks into the tables
    of alerts writes first what is not written yet. A row is one object here, however often it is found.
    """

    def __init__(self, actor: Actor, events: Sequence[AlertEvent] = ()) -> None:
        self.actor = actor
        self.board = Board(self)
        self.storm: StormWatch | None = None
        self._ids: deque[int] = deque()
        self._alerts: dict[int, Alert] = {}
        self._incidents: dict[int, Incident] = {}
        self._latest: dict[Key, Alert | None] = {}
        self._rows: dict[Key, int] = {}
        self._quiet: dict[int, int] = {}
        self._new: list[Alert] = []
        self._changed: dict[int, Alert] = {}
        self._read: dict[int, tuple[Any, ...]] = {}
        self._again: dict[int, Alert] = {}
        self._placed: dict[int, Incident] = {}
        self._heard: dict[int, datetime] = {}
        self._deeds: list[Deed] = []
        self._look_up({(event.source, event.fingerprint) for event in events})
        self.board.expect((event.service, event.source, event.at) for event in events if event.status.is_live)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The alert rules in force."""
        return rules_in_force()

    def rule(self, name: str) -> Rule | None:
        """A rule that is in force, by its name."""
        return next((rule for rule in self.rules if rule.name == name), None) if name else None

    @cached_property
    def windows(self) -> list[Window]:
        """The maintenance windows and freezes in force."""
        return in_force(clock.now())

    @cached_property
    def _catalogue(self) -> Mapping[str, tuple[str, str]]:
        rows = Service.objects.values_list("slug", "environment", "autonomy")
        return {slug: (environment, autonomy) for slug, environment, autonomy in rows}

    @cached_property
    def topology(self) -> Topology:
        """The catalogue as a graph."""
        return Topology(
            edges=frozenset(Dependency.objects.values_list("caller", "callee")),
            environments={slug: environment for slug, (environment, _) in self._catalogue.items()},
        )

    def environment_of(self, slug: str) -> str:
        """Where the catalogue says a service is; nothing where it says nothing."""
        return self._catalogue.get(slug, ("", ""))[0] if slug else ""

    def autonomy_of(self, slug: str) -> str:
        """What the catalogue allows for a service; nothing but observing where it is not catalogued."""
        return self._catalogue.get(slug, ("", "observe"))[1] if slug else "observe"

    def latest(self, source: str, fingerprint: str) -> Alert | None:
        """The newest alert of a fingerprint."""
        key = (source, fingerprint)
        if key not in self._latest:
            self._look_up({key})
        return self._latest[key]

    def fired_before(self, alert: Alert) -> bool:
        """Whether its fingerprint has another alert besides this one."""
        key = (alert.source, alert.fingerprint)
        if key not in self._rows:
            self._look_up({key})
        return self._rows[key] > 1

    def own(self, row: Alert) -> Alert:
        """The one object of this alert."""
        return self._alerts.setdefault(row.pk, row)

    def incident_of(self, alert: Alert) -> Incident | None:
        """The incident of an alert as it was read, not locked."""
        if alert.incident_id is None:
            return None
        if alert.incident_id not in self._incidents:
            wanted = {one.incident_id for one in self._alerts.values()} | {alert.incident_id}
            missing = [pk for pk in wanted if pk is not None and pk not in self._incidents]
            self._incidents |= Incident.objects.in_bulk(missing)
        return self._incidents[alert.incident_id]

    def locked(self, rows: Iterable[Incident]) -> list[Incident]:
        """Take over incidents whose rows are held until the transaction ends."""
        found = list(rows)
        self._incidents |= {row.pk: row for row in found}
        return found

    def remaining(self, incident_id: int) -> int:
        """How many alerts keep an incident from being over, up to a limit: live ones, and quiet ones that flap."""
        if incident_id not in self._quiet:
            self.write()
            wanted = {one.incident_id for one in self._alerts.values()} | {incident_id}
            missing = [pk for pk in wanted if pk is not None and pk not in self._quiet]
            firing = Alert.objects.filter(incident__in=missing, status__in=LIVE)
            flapping = Flapping.objects.filter(incident__in=missing, calm_at__isnull=True)
            self._quiet |= dict.fromkeys(missing, 0)
            for rows in (firing, flapping):
                for pk, number in rows.order_by().values_list("incident").annotate(Count("pk")):
                    self._quiet[pk] += number
        return min(self._quiet[incident_id], MOST_COUNTED)

    def begin(self, alert: Alert) -> None:
        """Take in a new alert, which gets its id."""
        if not self._ids:
            self.write()
            unknown = sum(one is None for one in self._latest.values())
            self._ids.extend(bulk.take_ids(Alert, max(1, unknown)))
        alert.pk = self._ids.popleft()
        key = (alert.source, alert.fingerprint)
        self._alerts[alert.pk] = self._latest[key] = alert
        self._rows[key] = self._rows.get(key, 0) + 1
        self._new.append(alert)

    def change(self, alert: Alert) -> None:
        """Write an alert's fields at the end."""
        if not alert._state.adding:  # noqa: SLF001 -- a new one is written whole
            self._changed[alert.pk] = alert

    def count(self, alert: Alert) -> None:
        """Write at the end that an alert was told again."""
        if not alert._state.adding:  # noqa: SLF001
            self._again[alert.pk] = alert

    def place(self, incident: Incident) -> None:
        """Write at the end what placing an alert changed in an incident that is held."""
        self._placed[incident.pk] = incident

    def gave(self, alert: Alert, incident: Incident) -> None:
        """Keep in mind that a live alert has its incident."""
        self.board.gave(alert, incident)
        if incident.pk in self._quiet:
            self._quiet[incident.pk] += 1

    def left(self, alert: Alert) -> None:
        """Keep in mind that a live alert of an incident is over."""
        if alert.incident_id is not None:
            self.board.left(alert)
            if alert.incident_id in self._quiet:
                self._quiet[alert.incident_id] -= 1

    def forget(self) -> None:
        """Read anew what was counted: an alert became another under its incident."""
        self._quiet.clear()
        self.board.forget()

    def hear(self, alert: Alert) -> None:
        """Note at the end that something was heard about the alert's incident."""
        if alert.incident_id is not None:
            known = self._heard.get(alert.incident_id, alert.last_seen_at)
            self._heard[alert.incident_id] = max(known, alert.last_seen_at)

    def enter(self, verb: str, subject: str, facts: Mapping[str, Any], about: Iterable[str] = ()) -> None:
        """Append an entry to the ledger at the end, in order."""
        self._deeds.append(Deed(verb=verb, subject=subject, facts=facts, about=tuple(about)))

    def write(self) -> None:
        """Write all that is not written yet."""
        again = [alert for pk, alert in self._again.items() if pk not in self._changed]
        if names := self._differing():
            bulk.update(Alert, list(self._changed.values()), names)
        bulk.update(Alert, again, AGAIN)
        bulk.insert(Alert, self._new)
        self._write_heard()
        bulk.update(Incident, list(self._placed.values()), PLACED)
        ledger.append_all(self._deeds, actor=self.actor)
        for held in (self._changed, self._again, self._new, self._placed, self._heard, self._deeds):
            held.clear()

    def _differing(self) -> list[str]:
        """The fields in which an alert that changed is another than it was read: of most repetitions a few."""
        differing: set[str] = set()
        for pk, alert in self._changed.items():
            now, was = _told_of(alert), self._read.get(pk, NEVER)
            differing.update(name for name, before, after in zip(TOLD, was, now, strict=True) if before != after)
            self._read[pk] = now
        return sorted(differing)

    def _write_heard(self) -> None:
        if not self._heard:
            return
        here = {pk: row for pk, row in self._incidents.items() if pk in self._heard}
        rows = here | Incident.objects.in_bulk([pk for pk in self._heard if pk not in here])
        heard = [row for pk, row in rows.items() if row.last_activity_at and row.last_activity_at < self._heard[pk]]
        for row in heard:
            row.last_activity_at = self._heard[row.pk]
        bulk.update(Incident, heard, ["last_activity_at"])
        live.changed(*(row.subject for row in heard))

    def _look_up(self, keys: set[Key]) -> None:
        if not keys:
            return
        self.write()
        rows = Alert.objects.filter(fingerprint__in={fingerprint for _, fingerprint in keys}).order_by()
        told = rows.values_list("source", "fingerprint").annotate(Max("pk"), Count("pk"))
        newest = {(source, fingerprint): (pk, number) for source, fingerprint, pk, number in told}
        found = Alert.objects.in_bulk([pk for pk, _ in newest.values()])
        self._read |= {pk: _told_of(alert) for pk, alert in found.items() if pk not in self._alerts}
        for key in keys:
            pk, number = newest.get(key, (None, 0))
            self._latest[key] = self.own(found[pk]) if pk is not None else None
            self._rows[key] = number
