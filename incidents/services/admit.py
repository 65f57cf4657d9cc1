"""Let a live alert through to an incident, or hold it back and say why."""

from datetime import datetime

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from incidents.correlation.placement import Placement
from incidents.correlation.rules import Rule
from incidents.correlation.windows import Hidden, Signal, hiding
from incidents.events import Status
from incidents.models import Alert, Flapping
from incidents.ruling import rule_named
from incidents.services.hold import hold, opened_for, still_waits, waiting_with
from incidents.services.settle_in import settle_in
from incidents.windows import in_force


@transaction.atomic
def admit(alert: Alert, *, actor: Actor, at: datetime | None = None, flapping: Flapping | None = None) -> bool:
    """Judge a live alert by what is in force now; whether it has an incident then. The caller holds the turn.

    An alert of an incident that is still open stays in it: a window that begins later hides nothing known.
    `at` is when it is judged, where that is not its own event time: what was hidden for hours is placed by now.
    An alert that flaps goes back into the incident that stays open for it.
    """
    if alert.incident is not None and alert.incident.is_open:
        _let_in(alert, actor=actor, at=at)
        return True
    rule = rule_named(alert.rule)
    if rule is not None and rule.ignore:
        hold(alert, Status.SUPPRESSED, f"Ignored by the rule {rule.name}: {rule.sentence}", actor=actor)
        return False
    now = clock.now()
    signal = Signal(service=alert.service, environment=alert.environment, severity=alert.severity, labels=alert.labels)
    hidden = hiding(signal, in_force(now), now)
    if hidden is not None:
        _hide(alert, hidden, actor=actor)
        return False
    if rule is not None and rule.count > 1:
        return _count_up(alert, rule, actor=actor, at=at)
    _let_in(alert, actor=actor, at=at, into=_kept_open(flapping))
    return True


def _count_up(alert: Alert, rule: Rule, *, actor: Actor, at: datetime | None) -> bool:
    """Let it wait for more of its rule, or let it in with those that waited."""
    waits = still_waits(alert, rule)
    if waits:
        hold(alert, Status.PENDING, waits, actor=actor)
        return False
    into = Placement(incident_id=opened_for(alert, rule), why=f"Counted by the rule {rule.name}.")
    _let_in(alert, actor=actor, at=at, into=into)
    for peer in waiting_with(alert, rule):
        peer.status = peer.told
        into = Placement(incident_id=alert.incident_id, why=into.why)
        _let_in(peer, actor=actor, at=at, into=into)
    return True


def _kept_open(flapping: Flapping | None) -> Placement | None:
    if flapping is None or flapping.incident_id is None:
        return None
    return Placement(incident_id=flapping.incident_id, why="It flaps; its incident stays open meanwhile.")


def _let_in(alert: Alert, *, actor: Actor, at: datetime | None, into: Placement | None = None) -> None:
    if alert.held_because:
        alert.held_because = ""
        alert.save(update_fields=["held_because", "status"])
    settle_in(alert, source_autonomy=alert.autonomy, actor=actor, at=at, into=into)


def _hide(alert: Alert, hidden: Hidden, *, actor: Actor) -> None:
    """Suppress it. Being told the same again behind the same window writes no second entry."""
    is_news = alert.window_id != hidden.window or not alert.held_because
    alert.status = Status.SUPPRESSED.value
    alert.window_id = hidden.window
    alert.held_because = hidden.why
    alert.save(update_fields=["status", "window", "held_because"])
    if not is_news:
        return
    subject = f"window:{hidden.window}"
    facts = {
        "title": alert.title,
        "severity": alert.severity,
        "service": alert.service,
        "source": alert.source,
        "window": hidden.window,
        "why": hidden.why,
        "delivery": alert.delivery_id,
    }
    ledger.append(actor=actor, verb="alert.hidden", subject=f"alert:{alert.pk}", facts=facts, about=[subject])
    live.changed("maintenance")
