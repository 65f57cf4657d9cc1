"""Do all that is due with ticket systems: follow the ledger, send tickets."""

from connectors.models import Ticket
from connectors.services.follow_incidents import follow_incidents
from connectors.services.send_ticket import send_ticket
from core import clock

AT_ONCE = 50


def tell_outside() -> int:
    """Follow, then send what waits, a bounded number in one go; returns how many were sent.

    Safe beside others and after any crash: each ticket is held by one worker, and what died is looked up first.
    """
    follow_incidents()
    due = list(Ticket.waiting(clock.now()).values_list("pk", flat=True)[:AT_ONCE])
    return sum(send_ticket(pk) for pk in due)
