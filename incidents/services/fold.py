"""Fold an event from outside into its alert, and the alert into an incident."""

from django.db import transaction

from audit import ledger
from core import live
from core.actors import Actor
from incidents.correlation.folding import Effect, Known, effect_of
from incidents.correlation.placement import WINDOW
from incidents.events import AlertEvent, Status
from incidents.models import Alert, Incident, Service, Turn
from incidents.ruling import ruled
from incidents.services.admit import admit
from incidents.services.watch_flapping import unquiet, watch_flapping


@transaction.atomic
def fold(event: AlertEvent, *, source_autonomy: str, actor: Actor) -> Alert:
    """Fold an event into the alert of its fingerprint; a new alert opens or joins an incident.

    Events are ordered by event time: an older one than the newest known changes nothing and only counts.
    A resolve of an alert that nobody knows is recorded and opens nothing. Safe to run twice on one event.
    """
    Turn.take()
    event, rule = ruled(event)
    known = Alert.objects.filter(source=event.source, fingerprint=event.fingerprint).order_by("-id").first()
    effect = effect_of(event.status, event.at, _as_known(known))
    if known is not None and effect is Effect.COUNT and _fires_on(known, event):
        _end(known, event)
        effect = Effect.BEGIN
    if known is None or effect in {Effect.BEGIN, Effect.RECORD}:
        return _begin(event, again=known is not None, rule=rule, source_autonomy=source_autonomy, actor=actor)

    was_live = Status(known.status).is_live
    _count(known, event)
    if effect is Effect.RESOLVE:
        _resolve(known, event, actor=actor)
    elif effect is Effect.UPDATE:
        known.rule = rule if event.status.is_live else known.rule
        _update(known, event)
        if event.status.is_live and not (was_live and known.incident_id):
            known.autonomy = source_autonomy
            known.save(update_fields=["autonomy"])
            admit(known, actor=actor)
    _touch(known)
    return known


def _as_known(alert: Alert | None) -> Known | None:
    return (
        None if alert is None else Known(status=Status(alert.told or alert.status), last_event_at=alert.last_event_at)
    )


def _fires_on(alert: Alert, event: AlertEvent) -> bool:
    """Whether the alert is told again long after its incident was resolved: then it needs an incident again."""
    incident = alert.incident
    if incident is None or incident.is_open or incident.resolved_at is None:
        return False
    said_live = event.status.is_live and Status(alert.status).is_live
    return said_live and event.received_at > incident.resolved_at + WINDOW


def _end(alert: Alert, event: AlertEvent) -> None:
    alert.status = alert.told = Status.RESOLVED.value
    alert.ends_at = event.received_at
    alert.save(update_fields=["status", "told", "ends_at"])


def _begin(event: AlertEvent, *, again: bool, rule: str, source_autonomy: str, actor: Actor) -> Alert:
    alert = Alert(
        source=event.source,
        fingerprint=event.fingerprint,
        first_seen_at=event.received_at,
        last_seen_at=event.received_at,
        delivery_id=event.delivery_id,
        autonomy=source_autonomy,
        rule=rule,
    )
    _write(alert, event)
    alert.save(force_insert=True)
    if event.status.is_live:
        admit(alert, actor=actor, flapping=watch_flapping(alert, actor=actor) if again else None)
    elif event.status is Status.RESOLVED:
        ledger.append(
            actor=actor,
            verb="alert.resolved",
            subject=f"alert:{alert.pk}",
            facts={"title": alert.title, "service": alert.service, "incident": None, "remaining": 0},
        )
    return alert


def _count(alert: Alert, event: AlertEvent) -> None:
    alert.count += 1
    alert.last_seen_at = max(alert.last_seen_at, event.received_at)
    alert.save(update_fields=["count", "last_seen_at"])


def _resolve(alert: Alert, event: AlertEvent, *, actor: Actor) -> None:
    alert.status = alert.told = Status.RESOLVED.value
    alert.ends_at = event.ends_at or event.at
    alert.last_event_at = event.at
    alert.held_because = ""
    alert.save(update_fields=["status", "told", "ends_at", "last_event_at", "held_because"])
    watch_flapping(alert, actor=actor)
    remaining = unquiet(alert.incident_id) if alert.incident_id else 0
    subject = f"incident:{alert.incident_id}"
    facts = {"title": alert.title, "service": alert.service, "incident": alert.incident_id, "remaining": remaining}
    ledger.append(
        actor=actor,
        verb="alert.resolved",
        subject=f"alert:{alert.pk}",
        facts=facts,
        about=[subject] if alert.incident_id else [],
    )
    live.changed("queue", *([subject] if alert.incident_id else []), *(["maintenance"] if alert.window_id else []))


def _update(alert: Alert, event: AlertEvent) -> None:
    _write(alert, event)
    alert.save()


def _write(alert: Alert, event: AlertEvent) -> None:
    """Take over what the event says. The environment is the catalogue's where the sender names none."""
    alert.status = alert.told = event.status.value
    alert.severity = event.severity.value
    alert.title = event.title
    alert.team = event.team
    alert.description = event.description
    alert.service = event.service
    alert.environment = event.environment or _environment_of(event.service)
    alert.labels = dict(event.labels)
    alert.links = [{"rel": link.rel, "url": link.url} for link in event.links]
    alert.metric = event.as_json()["metric"]
    alert.starts_at = event.began_at or alert.starts_at
    alert.ends_at = event.ends_at
    alert.last_event_at = event.at


def _environment_of(slug: str) -> str:
    known = Service.objects.filter(slug=slug).values_list("environment", flat=True).first() if slug else None
    return known or ""


def _touch(alert: Alert) -> None:
    """Note that something was heard about the alert's incident."""
    if alert.incident_id is None:
        return
    stale = Incident.objects.filter(pk=alert.incident_id, last_activity_at__lt=alert.last_seen_at)
    if stale.update(last_activity_at=alert.last_seen_at):
        live.changed(f"incident:{alert.incident_id}")
