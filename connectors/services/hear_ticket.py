"""Take in what somebody did over there to a record that mirrors one of ours."""

from django.db import transaction

from audit import ledger
from connectors.models import Ticket
from connectors.servicenow.client import Row
from connectors.servicenow.maps import maps_of
from connectors.servicenow.query import label_of, text_of
from core import live
from core.actors import Actor
from incidents.models import Incident
from incidents.services.resolve import resolve


def is_echo(ticket: Ticket, row: Row, user: str) -> bool:
    """Whether a record says no more than what we wrote.

    The last change is our user's *and* the count is the one that our write returned. Either alone is not enough:
    others may use the account, and others' changes may come between.
    """
    count = int(text_of(row.get("sys_mod_count")) or 0)
    return text_of(row.get("sys_updated_by")) == user and count == ticket.mod_count


@transaction.atomic
def hear_ticket(ticket_id: int, row: Row, *, user: str, actor: Actor) -> bool:
    """Apply a record that was read back, each state of it once; whether there was anything new."""
    ticket = Ticket.objects.select_for_update().select_related("connection").get(pk=ticket_id)
    count = int(text_of(row.get("sys_mod_count")) or 0)
    if is_echo(ticket, row, user) or count <= ticket.mod_count:
        return False
    ticket.mod_count = count
    ticket.save(update_fields=["mod_count"])
    hear(ticket, row, actor=actor)
    return True


def hear(ticket: Ticket, row: Row, *, actor: Actor) -> None:
    """Record their state and follow it: a ticket that was resolved there ends the incident here."""
    code = text_of(row.get("state"))
    ticket.stands = label_of(row.get("state"))[:80]
    ticket.save(update_fields=["stands"])
    if ticket.table != "incident" or code == ticket.told.get("state"):
        return
    state = maps_of(ticket.connection.config).state_read(code)
    ticket.told = {**ticket.told, "state": code}
    ticket.save(update_fields=["told"])
    facts = {"system": ticket.connection.name, "number": ticket.number, "state": state, "code": code[:40]}
    subject = f"ticket:{ticket.pk}"
    ledger.append(actor=actor, verb="ticket.changed", subject=subject, facts=facts, about=[ticket.subject])
    live.changed(ticket.subject, "sources")
    incident = Incident.objects.get(pk=int(ticket.subject.partition(":")[2]))
    if state == "RESOLVED" and incident.is_open and not ticket.is_theirs:
        resolve(incident.pk, actor=actor, why=f"{ticket.number} was resolved in ServiceNow.")
