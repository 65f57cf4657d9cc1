"""`/incidents/<id>/` and what a person can do there."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from console.pages.frame import actor_of, answer, page, waiting_of
from console.selectors import alerts, incident
from core.errors import BadInputError, WrongStateError
from incidents.services.acknowledge import acknowledge
from incidents.services.close import close
from incidents.services.rate_alert import rate_alert
from incidents.services.resolve import resolve
from incidents.services.take_over import take_over


@page
@require_GET
def show(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The incident, or its live part."""
    return answer(request, "incident", {"page": incident.read(incident_id, actor_of(request), waiting_of(request))})


@page
@require_POST
def acknowledgement(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Say that somebody has it."""
    return _do(request, incident_id, lambda: acknowledge(incident_id, actor=actor_of(request)))


@page
@require_POST
def taking_over(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Take it out of the agents' hands."""
    return _do(request, incident_id, lambda: take_over(incident_id, actor=actor_of(request)))


@page
@require_POST
def resolution(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Say that the symptom is gone, and why."""
    why = request.POST.get("why", "").strip()
    if not why:
        detail = "Say in a sentence why it is over."
        raise BadInputError(detail)
    return _do(request, incident_id, lambda: resolve(incident_id, actor=actor_of(request), why=why[:500]))


@page
@require_POST
def closure(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Close what is resolved."""
    return _do(request, incident_id, lambda: close(incident_id, actor=actor_of(request)))


@page
@require_POST
def rating(request: HttpRequest, incident_id: int, alert_id: int) -> HttpResponse:
    """Say whether one of its alerts was useful, or noise."""
    alert = alerts.find(incident_id, alert_id)
    rate_alert(alert.pk, request.POST.get("verdict", "")[:40], actor=actor_of(request))
    return redirect(f"{reverse('incident-page', args=[incident_id])}#alert-{alert.pk}")


def _do(request: HttpRequest, incident_id: int, verb: Callable[[], object]) -> HttpResponse:
    """Act, then show the incident again; what came too late is told there."""
    try:
        verb()
    except WrongStateError as error:
        messages.error(request, error.detail)
    return redirect("incident-page", incident_id)
