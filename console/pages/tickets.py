"""`/tickets/<id>/sending/`: have a record that a ticket system refused sent again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connectors.services.send_again import send_again
from console.pages.frame import actor_of, page
from console.selectors import mirrors


@page
@require_POST
def sending(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send it again, and show its incident."""
    ticket = send_again(ticket_id, actor=actor_of(request))
    messages.success(request, f"{ticket.number or 'The ticket'} is sent again within seconds.")
    return redirect("incident-page", mirrors.incident_of(ticket))
