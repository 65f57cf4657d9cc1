"""Notice that an alert flaps, and that it is calm again."""

from django.db import transaction
from django.db.models import Q

from audit import ledger
from core import clock, live
from core.actors import MONITOR, Actor
from incidents.correlation.flapping import CALM_AFTER, MOST_CHANGES, is_calm, is_flapping, sentence
from incidents.desk import Desk
from incidents.events import Status
from incidents.models import Alert, Flapping, Turn
from incidents.selectors import LIVE

BATCH = 200
MOST_COUNTED = 1000


def watch_flapping(desk: Desk, alert: Alert) -> Flapping | None:
    """Count a change of an alert; the row if it flaps by now. The caller holds the turn."""
    if not desk.fired_before(alert):
        return None
    desk.write()
    rows = Alert.objects.filter(source=alert.source, fingerprint=alert.fingerprint).order_by("-id")
    seen = list(rows.values_list("status", "first_seen_at", "last_seen_at")[:MOST_CHANGES])
    now = clock.now()
    known = Flapping.objects.filter(source=alert.source, fingerprint=alert.fingerprint, calm_at__isnull=True).first()
    if known is not None:
        return _go_on(desk, known, alert)
    changes = [began for _, began, _ in seen]
    changes += [ended for status, _, ended in seen if status == Status.RESOLVED.value]
    if not is_flapping(changes, now):
        return None
    return _begin(desk, alert, sum(abs(now - at) <= CALM_AFTER for at in changes))


def _begin(desk: Desk, alert: Alert, changes: int) -> Flapping:
    now = clock.now()
    incident = desk.incident_of(alert)
    row = Flapping.objects.create(
        source=alert.source,
        fingerprint=alert.fingerprint,
        incident=incident,
        title=alert.title,
        since=now,
        last_change_at=now,
        changes=changes,
    )
    _mark(desk, alert)
    about = [incident.subject] if incident is not None else []
    facts = {"title": alert.title, "service": alert.service, "why": sentence(alert.title, changes)}
    desk.enter("alert.flapping", f"alert:{alert.pk}", facts, about)
    live.changed("queue", *about)
    return row


def _go_on(desk: Desk, row: Flapping, alert: Alert) -> Flapping:
    row.changes += 1
    row.last_change_at = clock.now()
    if alert.incident_id is not None:
        row.incident_id = alert.incident_id
    row.save(update_fields=["changes", "last_change_at", "incident"])
    _mark(desk, alert)
    return row


def _mark(desk: Desk, alert: Alert) -> None:
    desk.forget()
    if not alert.is_flapping:
        alert.is_flapping = True
        desk.change(alert)


def calm_due(*, actor: Actor = MONITOR) -> int:
    """Let go of what has been calm long enough; returns how many. Whether their incidents are over is for others."""
    now = clock.now()
    far = Q(last_change_at__lte=now - CALM_AFTER) | Q(last_change_at__gte=now + CALM_AFTER)
    ids = list(Flapping.objects.filter(far, calm_at__isnull=True).values_list("pk", flat=True)[:BATCH])
    return sum(_calm(pk, actor=actor) for pk in ids)


@transaction.atomic
def _calm(pk: int, *, actor: Actor) -> bool:
    Turn.take()
    row = Flapping.objects.select_for_update(of=("self",)).get(pk=pk)
    now = clock.now()
    if row.calm_at is not None or not is_calm(row.last_change_at, now):
        return False
    row.calm_at = now
    row.save(update_fields=["calm_at"])
    alerts = Alert.objects.filter(source=row.source, fingerprint=row.fingerprint)
    alerts.filter(is_flapping=True).update(is_flapping=False)
    newest = alerts.order_by("-id").values_list("pk", flat=True).first()
    facts = {
        "title": row.title,
        "changes": row.changes,
        "incident": row.incident_id,
        "remaining": unquiet(row.incident_id) if row.incident_id else 0,
    }
    about = [f"incident:{row.incident_id}"] if row.incident_id else []
    ledger.append(actor=actor, verb="alert.calmed", subject=f"alert:{newest}", facts=facts, about=about)
    live.changed("queue", *about)
    return True


def unquiet(incident_id: int) -> int:
    """How many alerts keep an incident from being over, up to a limit: live ones, and quiet ones that flap."""
    live_now = Alert.objects.filter(incident=incident_id, status__in=LIVE)
    flapping = Flapping.objects.filter(incident=incident_id, calm_at__isnull=True)
    return live_now.values("pk")[:MOST_COUNTED].count() + flapping.count()
