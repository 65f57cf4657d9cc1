"""Send one ticket: bring the record over there up to what is to be told. Safe to repeat wherever it died."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from audit import ledger
from connectors.adoption import number_of_theirs
from connectors.models import Bond, Ticket
from connectors.servicenow import story
from connectors.servicenow.client import Row, ServiceNow
from connectors.servicenow.errors import LaterError, NotThereError, ServiceNowError
from connectors.servicenow.maps import maps_of
from connectors.servicenow.moves import stage_of, way
from connectors.servicenow.query import equals, label_of, text_of
from connectors.services.follow_incidents import is_sealed
from connectors.services.hear_ticket import hear
from connectors.ticketing import SERVICENOW, bond_of, case_of, opened
from core import clock, live
from core.errors import ConsoleError

HOLD = timedelta(seconds=180)
SHORTEST, LONGEST = timedelta(seconds=15), timedelta(minutes=15)
SEAL_S = 60.0
ENDED = frozenset({"RESOLVED", "CLOSED"})


@dataclass(slots=True, kw_only=True)
class Sending:
    """One try: what is sent, and where it goes.

    Attributes:
        stage: where the plan stands, for a request for a change; `moved` the states it was brought through.
        trouble: why it does not stand there where it should, though all else was told.
    """

    ticket: Ticket
    service: ServiceNow
    values: dict[str, str]
    notes: list[tuple[int, str]]
    stage: str = ""
    closing: dict[str, str] = field(default_factory=dict)
    is_new: bool = False
    moved: list[str] = field(default_factory=list)
    trouble: str = ""


def send_ticket(ticket_id: int) -> bool:
    """Send it if it is due and nobody else does; whether it told what it had to."""
    ticket = _claimed(ticket_id)
    if ticket is None:
        return False
    wanted = ticket.wanted_seq
    try:
        sending = _prepared(ticket)
        if sending is None:
            return False
        row = _moved(sending, _brought(sending))
    except LaterError as error:
        put_off(ticket, error)
        return False
    except ConsoleError as error:
        _refuse(ticket, error)
        return False
    _record(sending, row, wanted)
    return True


def _claimed(ticket_id: int) -> Ticket | None:
    now = clock.now()
    paused = Bond.objects.filter(paused_until__gt=now).values("connection_id")
    free = Ticket.waiting(now).exclude(connection_id__in=paused).filter(pk=ticket_id).order_by()
    if (
        not Ticket.objects.filter(pk__in=free)
        .filter(Q(held_until__isnull=True) | Q(held_until__lt=now))
        .update(held_until=now + HOLD, attempts=F("attempts") + 1)
    ):
        return None
    return Ticket.objects.select_related("connection").get(pk=ticket_id)


def _prepared(ticket: Ticket) -> Sending | None:
    """What to send; None where it has to wait for the ledger's signature under its end."""
    case, maps = case_of(ticket), maps_of(ticket.connection.config)
    if case.state in ENDED and not is_sealed(ticket.wanted_seq) and _is_young(ticket):
        Ticket.objects.filter(pk=ticket.pk).update(
            held_until=None, attempts=F("attempts") - 1, due_at=clock.now() + timedelta(seconds=1)
        )
        return None
    if ticket.table == "incident" and not ticket.sys_id and (number := number_of_theirs(ticket)):
        ticket.number, ticket.is_theirs = number, True
    if ticket.table == "change_request" and case.plan is not None:
        # Written once: whoever replaces the text that is approved must not have it put right again by us.
        values = {} if ticket.sys_id else story.change_values(case, case.plan, maps)
    elif ticket.is_theirs:
        values = story.state_values(case, maps) if case.state != "OPEN" else {}
    else:
        values = story.incident_values(case, maps)
    sending = Sending(
        ticket=ticket,
        service=opened(ticket.connection),
        values=values,
        notes=story.notes(case.lines, after=ticket.done_seq),
    )
    if ticket.table == "change_request" and case.plan is not None:
        sending.stage = stage_of(case.plan.state, [line.verb for line in case.lines])
        sending.closing = story.closing_values(case, sending.stage, maps)
    return sending


def _is_young(ticket: Ticket) -> bool:
    """Whether its time to be sealed is not over; it is told unsealed rather than not at all."""
    return ticket.due_at is not None and (clock.now() - ticket.due_at).total_seconds() < SEAL_S


def _brought(sending: Sending) -> Row:
    """The record over there, up to date."""
    ticket, service = sending.ticket, sending.service
    noted = {"work_notes": story.note_text(sending.notes)} if sending.notes else {}
    if not ticket.sys_id:
        row = _first(sending, noted)
        ticket.sys_id, ticket.number = text_of(row.get("sys_id")), text_of(row.get("number"))
        sending.is_new = True
        _remember(ticket)
        known = {name: text_of(row.get(name)) for name in sending.values}
        is_fresh = all(known[name] == value for name, value in sending.values.items())
        if is_fresh and not ticket.is_theirs and ticket.attempts == 1:
            return row
    else:
        known = ticket.told
    unsaid = _unsaid(sending) if noted else []
    noted = {"work_notes": story.note_text(unsaid)} if unsaid else {}
    changed = {name: value for name, value in sending.values.items() if known.get(name) != value}
    if not changed and not noted:
        return service.get(ticket.table, ticket.sys_id)
    return service.update(ticket.table, ticket.sys_id, changed | noted)


def _moved(sending: Sending, row: Row) -> Row:
    """A request for a change, one state at a time to where the plan stands; a refusal of that holds up nothing else."""
    ticket, maps = sending.ticket, maps_of(sending.ticket.connection.config)
    if not sending.stage:
        return row
    found = way(text_of(row.get("state")), sending.stage, text_of(row.get("approval")), maps)
    sending.trouble = found.why
    for code in found.codes:
        ends = code == maps.moves.get(sending.stage)
        try:
            row = sending.service.update(
                ticket.table, ticket.sys_id, {"state": code} | (sending.closing if ends else {})
            )
        except LaterError:
            raise
        except ServiceNowError as error:
            sending.trouble = error.detail[:500]
            break
        sending.moved.append(code)
    return row


def _first(sending: Sending, noted: Mapping[str, str]) -> Row:
    """Find the record, or make it: by their number where it is theirs, else by our id."""
    ticket, service = sending.ticket, sending.service
    if not ticket.is_theirs:
        return service.create(ticket.table, {**sending.values, **noted}, correlation_id=ticket.correlation_id)
    found = service.find(ticket.table, [equals("number", ticket.number)])
    if len(found) != 1:
        detail = f"ServiceNow has {len(found)} records {ticket.number} where one is looked for."
        raise NotThereError(detail)
    return found[0]


def _unsaid(sending: Sending) -> list[tuple[int, str]]:
    """What an earlier try, whose answer was lost, has not left in the journal: it is read back."""
    ticket = sending.ticket
    if ticket.attempts <= 1 and not sending.is_new:
        return sending.notes
    row = sending.service.get(ticket.table, ticket.sys_id, fields=["work_notes"])
    reached = story.reached(label_of(row.get("work_notes")))
    return [(seq, said) for seq, said in sending.notes if seq > reached]


def _remember(ticket: Ticket) -> None:
    """Write down at once where it is, whatever happens next."""
    Ticket.objects.filter(pk=ticket.pk).update(sys_id=ticket.sys_id, number=ticket.number, is_theirs=ticket.is_theirs)


@transaction.atomic
def _record(sending: Sending, row: Row, wanted: int) -> None:
    ticket = Ticket.objects.select_for_update().get(pk=sending.ticket.pk)
    before, count = ticket.mod_count, int(text_of(row.get("sys_mod_count")) or 0)
    ticket.told = {**ticket.told, **sending.values}
    ticket.mod_count, ticket.done_seq = max(count, before), wanted
    ticket.stands, ticket.told_at = label_of(row.get("state"))[:80], clock.now()
    ticket.attempts, ticket.error, ticket.held_until = 0, sending.trouble, None
    ticket.refused = bool(sending.trouble)
    ticket.due_at = clock.now() if ticket.wanted_seq > wanted else None
    ticket.save()
    bond = bond_of(ticket.connection)
    Bond.objects.filter(pk=bond.pk).update(paused_until=None, error="", failures=0, answered_at=clock.now())
    verb = "ticket.created" if sending.is_new and not ticket.is_theirs else "ticket.updated"
    facts: dict[str, Any] = {
        "system": ticket.connection.name,
        "number": ticket.number,
        "record": ticket.sys_id,
        "fields": sorted(sending.values),
        "up_to": wanted,
    }
    facts |= {"states": sending.moved} if sending.moved else {}
    facts |= {"why": sending.trouble} if sending.trouble else {}
    about = about_of(ticket)
    ledger.append(actor=SERVICENOW, verb=verb, subject=f"ticket:{ticket.pk}", facts=facts, about=about)
    live.changed("sources", *about)
    if 0 <= before < count - 1:  # somebody wrote in between, and our own count would hide it
        hear(ticket, row, actor=SERVICENOW)


def about_of(ticket: Ticket) -> list[str]:
    """The subjects on whose timelines it belongs."""
    if not ticket.subject.startswith("change:"):
        return [ticket.subject]
    return [ticket.subject, f"incident:{case_of(ticket).number.rpartition('-')[2]}"]


@transaction.atomic
def put_off(ticket: Ticket, error: LaterError) -> None:
    """Try again later, and leave the whole connection in peace until then where they said so."""
    now, bond = clock.now(), bond_of(ticket.connection)
    wait = min(SHORTEST * 2 ** min(ticket.attempts - 1, 10), LONGEST)
    at = error.at or now + wait
    Ticket.objects.filter(pk=ticket.pk).update(due_at=at, held_until=None, error=error.detail[:500])
    paused = {"paused_until": error.at} if error.at else {}
    Bond.objects.filter(pk=bond.pk).update(error=error.detail[:500], failures=F("failures") + 1, **paused)


@transaction.atomic
def _refuse(ticket: Ticket, error: ConsoleError) -> None:
    """They will not take it: say so once, and wait for something new to say or for a person."""
    why = error.detail[:500]
    Ticket.objects.filter(pk=ticket.pk).update(due_at=None, held_until=None, error=why, refused=True)
    facts = {"system": ticket.connection.name, "number": ticket.number, "why": why}
    ledger.append(
        actor=SERVICENOW, verb="ticket.refused", subject=f"ticket:{ticket.pk}", facts=facts, about=about_of(ticket)
    )
    live.changed("sources")
