"""Let a live alert through to an incident, or hold it back and say why."""

from datetime import datetime

from core import clock, live
from incidents.correlation.placement import Placement
from incidents.correlation.rules import Rule
from incidents.correlation.windows import Hidden, Signal, hiding
from incidents.desk import Desk
from incidents.events import Status
from incidents.models import Alert, Flapping
from incidents.services.hold import hold, opened_for, still_waits, waiting_with
from incidents.services.settle_in import settle_in


def admit(desk: Desk, alert: Alert, *, at: datetime | None = None, flapping: Flapping | None = None) -> bool:
    """Judge a live alert by what is in force now; whether it has an incident then. The caller holds the turn.

    An alert of an incident that is still open stays in it: a window that begins later hides nothing known.
    `at` is when it is judged, where that is not its own event time: what was hidden for hours is placed by now.
    An alert that flaps goes back into the incident that stays open for it.
    """
    incident = desk.incident_of(alert)
    if incident is not None and incident.is_open:
        _let_in(desk, alert, at=at)
        return True
    rule = desk.rule(alert.rule)
    if rule is not None and rule.ignore:
        hold(desk, alert, Status.SUPPRESSED, f"Ignored by the rule {rule.name}: {rule.sentence}")
        return False
    now = clock.now()
    signal = Signal(service=alert.service, environment=alert.environment, severity=alert.severity, labels=alert.labels)
    hidden = hiding(signal, desk.windows, now)
    if hidden is not None:
        _hide(desk, alert, hidden)
        return False
    if rule is not None and rule.count > 1:
        return _count_up(desk, alert, rule, at=at)
    _let_in(desk, alert, at=at, into=_kept_open(flapping))
    return True


def _count_up(desk: Desk, alert: Alert, rule: Rule, *, at: datetime | None) -> bool:
    """Let it wait for more of its rule, or let it in with those that waited."""
    desk.write()
    waits = still_waits(alert, rule)
    if waits:
        hold(desk, alert, Status.PENDING, waits)
        return False
    into = Placement(incident_id=opened_for(alert, rule), why=f"Counted by the rule {rule.name}.")
    _let_in(desk, alert, at=at, into=into)
    desk.write()
    for peer in map(desk.own, waiting_with(alert, rule)):
        peer.status = peer.told
        into = Placement(incident_id=alert.incident_id, why=into.why)
        _let_in(desk, peer, at=at, into=into)
    return True


def _kept_open(flapping: Flapping | None) -> Placement | None:
    if flapping is None or flapping.incident_id is None:
        return None
    return Placement(incident_id=flapping.incident_id, why="It flaps; its incident stays open meanwhile.")


def _let_in(desk: Desk, alert: Alert, *, at: datetime | None, into: Placement | None = None) -> None:
    if alert.held_because:
        alert.held_because = ""
        desk.change(alert)
    settle_in(desk, alert, source_autonomy=alert.autonomy, at=at, into=into)


def _hide(desk: Desk, alert: Alert, hidden: Hidden) -> None:
    """Suppress it. Being told the same again behind the same window writes no second entry."""
    is_news = alert.window_id != hidden.window or not alert.held_because
    alert.status = Status.SUPPRESSED.value
    alert.window_id = hidden.window
    alert.held_because = hidden.why
    desk.change(alert)
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
    desk.enter("alert.hidden", f"alert:{alert.pk}", facts, [subject])
    live.changed("maintenance")
