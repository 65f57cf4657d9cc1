"""Take in what somebody did over there to a record that mirrors one of ours."""

from django.db import transaction

from audit import ledger
from connectors.models import Ticket
from connectors.registry import TICKETS
from connectors.ticket_system import Seen
from core import live
from core.actors import Actor
from incidents.models import Incident
from incidents.services.resolve import resolve


def is_echo(ticket: Ticket, seen: Seen, user: str) -> bool:
    """Whether a record says no more than what we wrote.

    The last change is our user's *and* the count is the one that our write returned. Either alone is not enough:
    others may use the account, and others' changes may come between.
    """
    return seen.by == user and seen.count == ticket.mod_count


@transaction.atomic
def hear_ticket(ticket_id: int, seen: Seen, *, user: str, actor: Actor) -> bool:
    """Apply a record that was read back, each state of it once; whether there was anything new."""
    ticket = Ticket.objects.select_for_update().select_related("connection").get(pk=ticket_id)
    if is_echo(ticket, seen, user) or seen.count <= ticket.mod_count:
        return False
    ticket.mod_count = seen.count
    ticket.save(update_fields=["mod_count"])
    hear(ticket, seen, actor=actor)
    return True


def hear(ticket: Ticket, seen: Seen, *, actor: Actor) -> None:
    """Record their state and follow it: a ticket that was resolved there ends the incident here."""
    ticket.stands = seen.stands
    ticket.save(update_fields=["stands"])
    if ticket.table != "incident" or seen.code == ticket.told.get("state"):
        return
    ticket.told = {**ticket.told, "state": seen.code}
    ticket.save(update_fields=["told"])
    facts = {"system": ticket.connection.name, "number": ticket.number, "state": seen.state, "code": seen.code[:40]}
    subject = f"ticket:{ticket.pk}"
    ledger.append(actor=actor, verb="ticket.changed", subject=subject, facts=facts, about=[ticket.subject])
    live.changed(ticket.subject, "sources")
    incident = Incident.objects.get(pk=int(ticket.subject.partition(":")[2]))
    if seen.state == "RESOLVED" and incident.is_open and not ticket.is_theirs:
        system = TICKETS[ticket.connection.kind].title
        resolve(incident.pk, actor=actor, why=f"{ticket.number} was resolved in {system}.")
