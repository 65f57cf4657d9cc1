"""Send one ticket: bring the record over there up to what is to be told. Safe to repeat wherever it died."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from audit import ledger
from connectors.adoption import number_of_theirs
from connectors.models import Bond, Ticket
from connectors.services.follow_incidents import is_sealed
from connectors.services.hear_ticket import hear
from connectors.story import Case
from connectors.ticket_errors import LaterError
from connectors.ticket_system import Brought
from connectors.ticketing import actor_of, bond_of, case_of, opened
from core import clock, live
from core.errors import ConsoleError

HOLD = timedelta(seconds=180)
SHORTEST, LONGEST = timedelta(seconds=15), timedelta(minutes=15)
SEAL_S = 60.0
ENDED = frozenset({"RESOLVED", "CLOSED"})


def send_ticket(ticket_id: int) -> bool:
    """Send it if it is due and nobody else does; whether it told what it had to."""
    ticket = _claimed(ticket_id)
    if ticket is None:
        return False
    wanted = ticket.wanted_seq
    try:
        case = case_of(ticket)
        if _waits_for_its_seal(ticket, case):
            return False
        if ticket.table == "incident" and not ticket.sys_id and (number := number_of_theirs(ticket)):
            ticket.number, ticket.is_theirs = number, True
        brought = opened(ticket.connection).bring(ticket, case, _remember)
    except LaterError as error:
        put_off(ticket, error)
        return False
    except ConsoleError as error:
        _refuse(ticket, error)
        return False
    _record(ticket, brought, wanted)
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


def _waits_for_its_seal(ticket: Ticket, case: Case) -> bool:
    """Whether it has to wait for the ledger's signature under its end; put off if so."""
    if case.state not in ENDED or is_sealed(ticket.wanted_seq) or not _is_young(ticket):
        return False
    Ticket.objects.filter(pk=ticket.pk).update(
        held_until=None, attempts=F("attempts") - 1, due_at=clock.now() + timedelta(seconds=1)
    )
    return True


def _is_young(ticket: Ticket) -> bool:
    """Whether its time to be sealed is not over; it is told unsealed rather than not at all."""
    return ticket.due_at is not None and (clock.now() - ticket.due_at).total_seconds() < SEAL_S


def _remember(ticket: Ticket) -> None:
    """Write down at once where it is, whatever happens next."""
    kept = {name: getattr(ticket, name) for name in ("sys_id", "number", "is_theirs", "told")}
    Ticket.objects.filter(pk=ticket.pk).update(**kept)


@transaction.atomic
def _record(sent: Ticket, brought: Brought, wanted: int) -> None:
    ticket, seen = Ticket.objects.select_for_update().get(pk=sent.pk), brought.seen
    ticket.told = {**ticket.told, **brought.values}
    ticket.mod_count, ticket.done_seq = max(seen.count, ticket.mod_count), wanted
    ticket.stands, ticket.told_at = seen.stands, clock.now()
    ticket.attempts, ticket.error, ticket.held_until = 0, brought.trouble, None
    ticket.refused = bool(brought.trouble)
    ticket.due_at = clock.now() if ticket.wanted_seq > wanted else None
    ticket.save()
    bond = bond_of(ticket.connection)
    Bond.objects.filter(pk=bond.pk).update(paused_until=None, error="", failures=0, answered_at=clock.now())
    verb = "ticket.created" if brought.is_new and not ticket.is_theirs else "ticket.updated"
    facts: dict[str, Any] = {
        "system": ticket.connection.name,
        "number": ticket.number,
        "record": ticket.sys_id,
        "fields": sorted(brought.values),
        "up_to": wanted,
    }
    facts |= {"states": list(brought.moved)} if brought.moved else {}
    facts |= {"why": brought.trouble} if brought.trouble else {}
    about, actor = about_of(ticket), actor_of(ticket.connection)
    ledger.append(actor=actor, verb=verb, subject=f"ticket:{ticket.pk}", facts=facts, about=about)
    live.changed("sources", *about)
    if brought.heed:
        hear(ticket, seen, actor=actor)


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
        actor=actor_of(ticket.connection),
        verb="ticket.refused",
        subject=f"ticket:{ticket.pk}",
        facts=facts,
        about=about_of(ticket),
    )
    live.changed("sources")
