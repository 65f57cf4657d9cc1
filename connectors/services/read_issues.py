"""Read what people did in Jira to issues that mirror our incidents: the safety net under webhooks."""

import math
from datetime import UTC, datetime, timedelta

from django.db import transaction

from connectors.jira.client import MOST, RECONCILED, Jira
from connectors.jira.desk import seen
from connectors.jira.maps import maps_of
from connectors.jira.replies import Issue
from connectors.marks import of_installation
from connectors.models import Bond, Connection, Ticket
from connectors.services.hear_ticket import hear_ticket
from connectors.ticket_errors import LaterError, TicketError
from connectors.ticketing import actor_of, jira
from core import clock, live

LATE = timedelta(minutes=10)
"""How late a change may come into the search and is still seen: so far back is read each time."""
FORM = "%Y-%m-%d %H:%M:%S"


def read_issues(connection: Connection, bond: Bond) -> int:
    """Hear what changed since the last reading, each change once; returns how many were news.

    The position is a time of ours and the question how many minutes before now: so neither their clock nor the time
    zone of the account, in which Jira reads dates, can lose a change.

    Raises:
        TicketError: It refused, or cannot now.
    """
    now = clock.now()
    since = datetime.strptime(bond.polled_to, FORM).replace(tzinfo=UTC) - LATE
    minutes = math.ceil((now - since) / timedelta(minutes=1))
    ours = Ticket.objects.filter(connection=connection, is_theirs=False).exclude(sys_id="")
    latest = ours.order_by("-pk").values_list("sys_id", flat=True)[:RECONCILED]
    issues = _changed(jira(connection), minutes, list(latest))
    return _take_in(connection, bond, issues, now if len(issues) < MOST else min(now, _read_to(issues[-1])))


def _changed(client: Jira, minutes: int, latest: list[str]) -> list[Issue]:
    """What changed; without the latest as they are now where Jira takes not all of their ids: one may be deleted."""
    try:
        return list(client.changed(of_installation(), minutes=minutes, reconcile=latest))
    except LaterError:
        raise
    except TicketError:
        return list(client.changed(of_installation(), minutes=minutes))


def _read_to(last: Issue) -> datetime:
    """Where there was more than one reading takes: the next one begins with the last that was read."""
    return datetime.fromtimestamp(last.updated_ms / 1000, UTC) + LATE


@transaction.atomic
def _take_in(connection: Connection, bond: Bond, issues: list[Issue], to: datetime) -> int:
    """Changes are heard, and the position moves with them; it stays where an issue is being written by us."""
    names = [one.id for one in issues]
    tickets = {one.sys_id: one for one in Ticket.objects.filter(connection=connection, sys_id__in=names)}
    maps, actor, now, news, is_whole = maps_of(connection.config), actor_of(connection), clock.now(), 0, True
    for issue in issues:
        ticket = tickets.get(issue.id)
        if ticket is None or ticket.is_theirs:
            continue
        if ticket.held_until is not None and ticket.held_until > now:
            is_whole = False
            continue
        news += hear_ticket(ticket.pk, seen(issue, maps), user="", actor=actor)
    if is_whole:
        Bond.objects.filter(pk=bond.pk).update(polled_to=f"{to:{FORM}}")
    live.changed("sources")
    return news
