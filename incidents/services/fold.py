"""Fold events from outside into their alerts, and the alerts into incidents."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from django.db import transaction

from core import live
from core.actors import Actor
from incidents.correlation.folding import Effect, Known, effect_of
from incidents.correlation.placement import WINDOW
from incidents.desk import Desk
from incidents.events import AlertEvent, Status
from incidents.models import Alert, Turn
from incidents.ruling import ruled, rules_in_force
from incidents.services.admit import admit
from incidents.services.watch_flapping import watch_flapping
from incidents.services.worsen import worsen

WORDS: Final = (
    *("status", "told", "severity", "title", "team", "description", "service", "environment"),
    *("labels", "links", "metric", "starts_at", "ends_at", "rule"),
)


def fold(event: AlertEvent, *, source_autonomy: str, actor: Actor) -> Alert:
    """Fold one event. See `fold_all`."""
    return fold_all([(event, source_autonomy)], actor=actor)[0]


@transaction.atomic
def fold_all(told: Sequence[tuple[AlertEvent, str]], *, actor: Actor) -> list[Alert]:
    """Fold events, each into the alert of its fingerprint; a new alert opens or joins an incident.

    Events are ordered by event time: an older one than the newest known changes nothing and only counts.
    A resolve of an alert that nobody knows is recorded and opens nothing. Safe to run twice on one event.

    Args:
        told: the events in the order of their arrival, each with what its source allows agents.
        actor: who folds.

    Returns:
        The alert of each event.
    """
    if not told:
        return []
    Turn.take()
    rules = rules_in_force() if any(event.status.is_live for event, _ in told) else ()
    as_ruled = [ruled(event, rules) for event, _ in told]
    desk = Desk(actor, [event for event, _ in as_ruled])
    alerts = [
        _fold(desk, event, rule=rule, source_autonomy=autonomy)
        for (event, rule), (_, autonomy) in zip(as_ruled, told, strict=True)
    ]
    desk.write()
    return alerts


def _fold(desk: Desk, event: AlertEvent, *, rule: str, source_autonomy: str) -> Alert:
    known = desk.latest(event.source, event.fingerprint)
    effect = effect_of(event.status, event.at, event.received_at, _as_known(known))
    if known is not None and effect in {Effect.COUNT, Effect.UPDATE} and _fires_on(desk, known, event):
        _end(desk, known, event)
        effect = Effect.BEGIN
    if known is None or effect in {Effect.BEGIN, Effect.RECORD}:
        return _begin(desk, event, again=known is not None, rule=rule, source_autonomy=source_autonomy)

    was_live = Status(known.status).is_live
    known.count += 1
    known.last_seen_at = max(known.last_seen_at, event.received_at)
    desk.count(known)
    if effect is Effect.RESOLVE:
        _resolve(desk, known, event, was_live=was_live)
    elif effect is Effect.UPDATE:
        _update(desk, known, event, rule=rule, was_live=was_live)
        if event.status.is_live and not (was_live and known.incident_id):
            known.autonomy = source_autonomy
            desk.change(known)
            admit(desk, known)
    desk.hear(known)
    return known


def _as_known(alert: Alert | None) -> Known | None:
    if alert is None:
        return None
    status = Status(alert.told or alert.status)
    return Known(status=status, last_event_at=alert.last_event_at, last_seen_at=alert.last_seen_at)


def _fires_on(desk: Desk, alert: Alert, event: AlertEvent) -> bool:
    """Whether the alert is told again long after its incident was resolved: then it needs an incident again."""
    if not (event.status.is_live and Status(alert.status).is_live):
        return False
    incident = desk.incident_of(alert)
    if incident is None or incident.is_open or incident.resolved_at is None:
        return False
    return event.received_at > incident.resolved_at + WINDOW


def _end(desk: Desk, alert: Alert, event: AlertEvent) -> None:
    alert.status = alert.told = Status.RESOLVED.value
    alert.ends_at = event.received_at
    desk.change(alert)
    desk.left(alert)


def _begin(desk: Desk, event: AlertEvent, *, again: bool, rule: str, source_autonomy: str) -> Alert:
    alert = Alert(
        source=event.source,
        fingerprint=event.fingerprint,
        first_seen_at=event.received_at,
        last_seen_at=event.received_at,
        delivery_id=event.delivery_id,
        autonomy=source_autonomy,
        rule=rule,
    )
    _write(desk, alert, event)
    desk.begin(alert)
    if event.status.is_live:
        admit(desk, alert, flapping=watch_flapping(desk, alert) if again else None)
    elif event.status is Status.RESOLVED:
        desk.enter(
            "alert.resolved",
            f"alert:{alert.pk}",
            {"title": alert.title, "service": alert.service, "incident": None, "remaining": 0},
        )
    return alert


def _resolve(desk: Desk, alert: Alert, event: AlertEvent, *, was_live: bool) -> None:
    alert.status = alert.told = Status.RESOLVED.value
    alert.ends_at = event.ends_at or event.at
    alert.last_event_at = event.at
    alert.held_because = ""
    desk.change(alert)
    if was_live:
        desk.left(alert)
    watch_flapping(desk, alert)
    remaining = desk.remaining(alert.incident_id) if alert.incident_id else 0
    about = [f"incident:{alert.incident_id}"] if alert.incident_id else []
    facts = {"title": alert.title, "service": alert.service, "incident": alert.incident_id, "remaining": remaining}
    desk.enter("alert.resolved", f"alert:{alert.pk}", facts, about)
    live.changed("queue", *about, *(["maintenance"] if alert.window_id else []))


def _update(desk: Desk, alert: Alert, event: AlertEvent, *, rule: str, was_live: bool) -> None:
    """Take over what the event says; of most repetitions that is their time alone."""
    before = _words(alert)
    alert.rule = rule if event.status.is_live else alert.rule
    _write(desk, alert, event)
    if before == _words(alert):
        return
    desk.change(alert)
    known_as = (before["service"], before["severity"], was_live)
    if alert.incident_id and known_as != (alert.service, alert.severity, event.status.is_live):
        desk.forget()
        if event.status.is_live:
            worsen(desk, alert)


def _words(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in WORDS}


def _write(desk: Desk, alert: Alert, event: AlertEvent) -> None:
    """Take over what the event says. The environment is the catalogue's where the sender names none."""
    alert.status = alert.told = event.status.value
    alert.severity = event.severity.value
    alert.title = event.title
    alert.team = event.team
    alert.description = event.description
    alert.service = event.service
    alert.environment = event.environment or desk.environment_of(event.service)
    alert.labels = dict(event.labels)
    alert.links = [{"rel": link.rel, "url": link.url} for link in event.links]
    alert.metric = asdict(event.metric) if event.metric is not None else None
    alert.starts_at = event.began_at or alert.starts_at
    alert.ends_at = event.ends_at
    alert.last_event_at = event.at
