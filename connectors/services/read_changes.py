"""Read what changed over there since we last looked: the safety net under webhooks, which are sent once or never."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, Q

from connectors.marks import MARK
from connectors.models import Bond, Connection, SeenRecord, Source, Ticket
from connectors.servicenow.client import Row, ServiceNow
from connectors.servicenow.desk import seen
from connectors.servicenow.maps import maps_of
from connectors.servicenow.query import Condition, equals, since, text_of
from connectors.services.accept import accept
from connectors.services.hear_ticket import hear_ticket, is_echo
from connectors.services.read_assents import read_assents
from connectors.services.read_issues import read_issues
from connectors.ticket_errors import LaterError
from connectors.ticketing import actor_of, bond_of, servicenow
from core import clock, live
from core.errors import ConsoleError

HOLD = timedelta(seconds=180)
OVERLAP = timedelta(seconds=120)
EVERY_S = 120.0
RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(seconds=60)
MOST = 1_000
FORM = "%Y-%m-%d %H:%M:%S"
FIELDS = (
    *("sys_id", "number", "short_description", "description", "state", "impact", "urgency", "priority", "category"),
    *("sys_created_on", "sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_class_name", "opened_at"),
    *("cmdb_ci", "business_service", "assignment_group", "correlation_id", "close_code"),
)


def read_changes(connection: Connection) -> bool:
    """Read once, if it is time and nobody else does; whether it was read to the end."""
    bond = _claimed(connection)
    if bond is None:
        return False
    try:
        READ[connection.kind](connection, bond)
    except LaterError as error:
        at = error.at or clock.now() + _pause_after(bond.failures)
        paused = {"paused_until": error.at} if error.at else {}
        said = error.detail[:500]
        Bond.objects.filter(pk=bond.pk).update(
            held_until=None, poll_at=at, error=said, failures=F("failures") + 1, **paused
        )
        return False
    except ConsoleError as error:
        again = clock.now() + _pause_after(bond.failures)
        Bond.objects.filter(pk=bond.pk).update(
            held_until=None, poll_at=again, error=error.detail[:500], failures=F("failures") + 1
        )
        return False
    except OperationalError:  # our own database was busy; whoever comes next may try
        Bond.objects.filter(pk=bond.pk).update(held_until=None, poll_at=clock.now() + RETRY)
        raise
    Bond.objects.filter(pk=bond.pk).update(
        held_until=None, error="", failures=0, paused_until=None, answered_at=clock.now()
    )
    return True


def _pause_after(failures: int) -> timedelta:
    """How long to leave them alone after a failure: one that is slow for a moment is soon read again."""
    return min(LONGEST_RETRY, RETRY * (1 << min(failures, 10)))


def _claimed(connection: Connection) -> Bond | None:
    now, bond = clock.now(), bond_of(connection)
    free = Q(held_until__isnull=True) | Q(held_until__lt=now)
    due = Q(poll_at__isnull=True) | Q(poll_at__lte=now)
    quiet = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    again = now + timedelta(seconds=float(connection.config.get("poll_s", EVERY_S)))
    # The next time is set before reading: a hint that comes meanwhile brings it forward again.
    if not Bond.objects.filter(free, due, quiet, pk=bond.pk).update(held_until=now + HOLD, poll_at=again):
        return None
    if not bond.polled_to:
        Bond.objects.filter(pk=bond.pk).update(polled_to=f"{now - OVERLAP:{FORM}}")
    return Bond.objects.get(pk=bond.pk)


def _read_records(connection: Connection, bond: Bond) -> None:
    """ServiceNow: their records, changes of ours, and approvals."""
    service, from_ = servicenow(connection), bond.polled_to
    source = Source.objects.filter(slug=str(connection.config.get("source") or ""), is_active=True).first()
    ours = _changed(service, from_, [equals("correlation_display", "Countersign")])
    theirs = _changed(service, from_, _only(connection)) if source is not None else []
    rows = {text_of(row.get("sys_id")): row for row in [*ours, *theirs]}
    to = min(_reached(ours, from_), _reached(theirs, from_)) if source is not None else _reached(ours, from_)
    _take_in(connection, source, list(rows.values()), bond, to)
    read_assents(connection)


def _changed(service: ServiceNow, from_: str, only: Sequence[Condition]) -> list[Row]:
    asked = [since("sys_updated_on", from_), *only]
    return service.find("incident", asked, fields=FIELDS, order=["sys_updated_on"], most=MOST)


def _only(connection: Connection) -> list[Condition]:
    """Which of theirs are taken in: fields that must have these values, such as an assignment group."""
    only = connection.config.get("only") or {}
    return [equals(str(name), str(value)) for name, value in sorted(only.items())] if isinstance(only, Mapping) else []


def _reached(rows: Sequence[Row], from_: str) -> str:
    """From when on to read the next time, by their clock: with an overlap, unless there was too much for one go."""
    latest = max((text_of(row.get("sys_updated_on")) for row in rows), default="")
    if not latest:
        return from_
    if len(rows) >= MOST:
        return max(latest, from_)
    try:
        moment = datetime.strptime(latest, FORM)  # noqa: DTZ007 -- theirs, compared with theirs
    except ValueError:
        return from_
    return max(f"{moment - OVERLAP:{FORM}}", from_)


@transaction.atomic
def _take_in(connection: Connection, source: Source | None, rows: Sequence[Row], bond: Bond, to: str) -> None:
    """Theirs go in by the same door as webhooks do; changes of ours are heard; the position moves with them."""
    tickets = {one.sys_id: one for one in Ticket.objects.filter(connection=connection).exclude(sys_id="")}
    known = dict(SeenRecord.objects.filter(connection=connection).values_list("sys_id", "mod_count"))
    user, now, maps = str(connection.config.get("user_name", "")), clock.now(), maps_of(connection.config)
    fresh: list[Row] = []
    for row in rows:
        told = seen(row, maps)
        ticket = tickets.get(told.id)
        if ticket is not None and ticket.held_until is not None and ticket.held_until > now:
            to = min(to, text_of(row.get("sys_updated_on")))  # it is being written by us at this moment
        elif ticket is not None and not ticket.is_theirs:
            hear_ticket(ticket.pk, told, user=user, actor=actor_of(connection))
        elif told.count > known.get(told.id, -1) and not text_of(row.get("correlation_id")).startswith(MARK):
            known[told.id] = told.count
            if ticket is None or not is_echo(ticket, told, user):
                fresh.append(row)
    if fresh and source is not None:
        accept(source, json.dumps({"result": [_body(row) for row in fresh]}).encode(), headers={})
    _remember(connection, known, rows)
    Bond.objects.filter(pk=bond.pk).update(polled_to=to)
    live.changed("sources")


def _remember(connection: Connection, known: Mapping[str, int], rows: Sequence[Row]) -> None:
    wanted = {text_of(row.get("sys_id")) for row in rows} & set(known)
    SeenRecord.objects.bulk_create(
        [SeenRecord(connection=connection, sys_id=one, mod_count=known[one]) for one in sorted(wanted)],
        update_conflicts=True,
        unique_fields=["connection", "sys_id"],
        update_fields=["mod_count"],
    )


def _body(row: Row) -> dict[str, Any]:
    """As the Table API told it, with its table in it, so that the adapter reads it like any other delivery."""
    return {**row, "sys_class_name": "incident"}


READ: Mapping[str, Callable[[Connection, Bond], object]] = {"jira": read_issues, "servicenow": _read_records}
"""How each kind of ticket system is read."""
