"""Do all that is due with ticket systems: follow the ledger, send tickets, read what changed there."""

from connectors.models import Connection, Ticket
from connectors.registry import TICKETS
from connectors.services.follow_incidents import follow_incidents
from connectors.services.read_changes import read_changes
from connectors.services.send_ticket import send_ticket
from core import clock

AT_ONCE = 50


def tell_outside() -> int:
    """Follow, then send what waits, a bounded number in one go, then read; returns how many were sent.

    Safe beside others and after any crash: each ticket is held by one worker, and what died is looked up first.
    """
    follow_incidents()
    due = list(Ticket.waiting(clock.now()).values_list("pk", flat=True)[:AT_ONCE])
    sent = sum(send_ticket(pk) for pk in due)
    for connection in Connection.objects.filter(kind__in=TICKETS, is_active=True).order_by("pk"):
        read_changes(connection)
    return sent
