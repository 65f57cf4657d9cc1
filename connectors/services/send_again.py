"""Send a ticket again that was refused, once what stood in its way is out of it."""

from django.db import transaction

from audit import ledger
from connectors.models import Ticket
from connectors.permissions import grants
from core import clock
from core.actors import Actor
from core.errors import NotFoundError
from core.permissions import Permission


@transaction.atomic
def send_again(ticket_id: int, *, actor: Actor) -> Ticket:
    """Make it due now.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: There is no such ticket.
    """
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    grants.require(Permission.SOURCE_ADD, actor, ticket)
    if ticket is None:
        detail = f"There is no ticket {ticket_id}. ./manage.py servicenow status and jira status list those in trouble."
        raise NotFoundError(detail)
    # The last record is told again: what it brought forth there is looked up first, and noted once.
    ticket.done_seq = min(ticket.done_seq, ticket.wanted_seq - 1)
    ticket.refused, ticket.due_at, ticket.attempts = False, clock.now(), 1
    ticket.save(update_fields=["refused", "due_at", "attempts", "done_seq"])
    ledger.append(actor=actor, verb="ticket.resent", subject=f"ticket:{ticket.pk}", facts={"number": ticket.number})
    return ticket
