"""Hold a live alert back by a rule, and say why."""

from collections.abc import Iterable

from django.db.models import QuerySet

from core import clock, live
from incidents.correlation.rules import Rule
from incidents.desk import Desk
from incidents.events import Status
from incidents.models import Alert
from incidents.selectors import LIVE, OPEN_STATES

MOST_PEERS = 200


def hold(desk: Desk, alert: Alert, status: Status, why: str) -> None:
    """Record a live alert as suppressed or pending. Being told the same again writes no second entry."""
    is_news = not alert.held_because
    alert.status = status.value
    alert.held_because = why[:400]
    desk.change(alert)
    if not is_news:
        return
    facts = {
        "title": alert.title,
        "severity": alert.severity,
        "service": alert.service,
        "source": alert.source,
        "rule": alert.rule,
        "why": why,
        "delivery": alert.delivery_id,
    }
    desk.enter("alert.held", f"alert:{alert.pk}", facts)
    live.changed("maintenance")


def still_waits(alert: Alert, rule: Rule) -> str:
    """Why an alert waits for more that match the rule on its service: a sentence, or nothing.

    It does not wait while another one of the rule is live in an incident that is open; it goes there.
    """
    if opened_for(alert, rule):
        return ""
    count = _matching(alert, rule).filter(first_seen_at__gte=clock.now() - rule.within).exclude(pk=alert.pk).count() + 1
    if count >= rule.count:
        return ""
    minutes = int(rule.within.total_seconds() // 60)
    return f"{count} of {rule.count} alerts within {minutes} minutes that the rule {rule.name} waits for."


def opened_for(alert: Alert, rule: Rule) -> int | None:
    """The open incident in which another alert of the rule is live, if there is one."""
    rows = _matching(alert, rule).filter(status__in=LIVE, incident__state__in=OPEN_STATES)
    return rows.order_by("-id").values_list("incident_id", flat=True).first()


def waiting_with(alert: Alert, rule: Rule) -> Iterable[Alert]:
    """The others that waited, recent enough to count."""
    recent = _matching(alert, rule).filter(first_seen_at__gte=clock.now() - rule.within)
    waiting = recent.filter(status=Status.PENDING.value, told__in=LIVE).exclude(pk=alert.pk).exclude(held_because="")
    return waiting.order_by("pk")[:MOST_PEERS]


def _matching(alert: Alert, rule: Rule) -> QuerySet[Alert]:
    return Alert.objects.filter(rule=rule.name, service=alert.service)
