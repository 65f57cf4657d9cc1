"""`/webhooks/`: who is told what happens; one webhook, what was sent to it, and what may be done with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connectors.models import Webhook
from connectors.outbound.keeping import webhook_of
from connectors.permissions import grants
from connectors.services.add_webhook import Made, add_webhook
from connectors.services.pause_webhook import pause_webhook
from connectors.services.remove_webhook import remove_webhook
from connectors.services.resume_webhook import resume_webhook
from connectors.services.rotate_webhook import rotate_webhook
from connectors.services.try_webhook import try_webhook
from console.pages.frame import actor_of, answer, number_in, page
from console.selectors import webhooks
from console.stepup import stepped_up
from core.errors import BadInputError, ConsoleError
from core.permissions import Permission

LONGEST = 4_000
RESUMED = {
    "nothing": "It goes on where it stopped.",
    "one": "It goes on behind the record that it would not take.",
    "all": "It is told what happens from now on. What waited is not sent.",
}


@page
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Every webhook; a form adds one."""
    grants.require(Permission.WEBHOOK_KEEP, actor_of(request))
    return _add(request) if request.method == "POST" else _listed(request)


@page
@require_GET
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """One webhook."""
    grants.require(Permission.WEBHOOK_KEEP, actor_of(request))
    return _detailed(request, webhook_of(name))


@page
@require_GET
def deliveries(request: HttpRequest, name: str) -> HttpResponse:
    """What was sent to it, newest first."""
    grants.require(Permission.WEBHOOK_KEEP, actor_of(request))
    state = request.GET.get("state", "all")
    shown = webhooks.deliveries(
        webhook_of(name),
        state=state if state in dict(webhooks.STATES) else "all",
        before=number_in(request.GET.get("before", "")),
    )
    return answer(request, "webhook_deliveries", {"list": shown, "states": webhooks.STATES})


@page
@require_POST
def trial(request: HttpRequest, name: str) -> HttpResponse:
    """Send it an event that means nothing, and say what it answered."""
    told = try_webhook(name, actor=actor_of(request))
    if 200 <= told.status < 300:
        messages.success(request, f"It answered {told.status} after {told.took_ms} ms. It hears us.")
    elif told.status:
        messages.error(request, f"It answered {told.status} after {told.took_ms} ms. Only 2xx is heard.")
    else:
        messages.error(request, told.trouble)
    return redirect("webhook-page", name)


@page
@require_POST
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Send nothing until it is resumed."""
    pause_webhook(name, actor=actor_of(request))
    messages.success(request, f"{name} is paused. What happens meanwhile waits for it.")
    return redirect("webhook-page", name)


@page
@require_POST
def resumption(request: HttpRequest, name: str) -> HttpResponse:
    """Go on."""
    skip = request.POST.get("skip", "nothing")
    resume_webhook(name, skip=skip, actor=actor_of(request))
    messages.success(request, f"{name} is resumed. {RESUMED[skip]}")
    return redirect("webhook-page", name)


@page
@require_POST
def rotation(request: HttpRequest, name: str) -> HttpResponse:
    """A new secret, shown this once."""
    grants.require(Permission.WEBHOOK_KEEP, actor_of(request))
    return _rotate(request, name)


@page
@require_POST
def removal(request: HttpRequest, name: str) -> HttpResponse:
    """Forget it, once its name was typed."""
    grants.require(Permission.WEBHOOK_KEEP, actor_of(request))
    return _remove(request, name)


@stepped_up
@sensitive_variables()
def _add(request: HttpRequest) -> HttpResponse:
    told = {name: request.POST.get(name, "").strip()[:LONGEST] for name in ("name", "url", "patterns")}
    chosen = request.POST.getlist("event")[:LONGEST]
    typed = told["patterns"].replace(",", " ").split()
    try:
        made = add_webhook(told["name"], told["url"], [*chosen, *typed], actor=actor_of(request))
    except BadInputError as error:
        return _listed(request, error=error, told={**told, "events": chosen})
    return _detailed(request, made.webhook, made=made)


@stepped_up
@sensitive_variables()
def _rotate(request: HttpRequest, name: str) -> HttpResponse:
    made = rotate_webhook(name, at_once=request.POST.get("old") == "stops", actor=actor_of(request))
    return _detailed(request, made.webhook, made=made, renewed=True)


@stepped_up
def _remove(request: HttpRequest, name: str) -> HttpResponse:
    if request.POST.get("name", "").strip() != webhook_of(name).name:
        messages.error(request, f"Nothing was removed: what was typed is not {name}.")
        return redirect("webhook-page", name)
    remove_webhook(name, actor=actor_of(request))
    messages.success(request, f"{name} is removed. The record keeps that it was there.")
    return redirect("webhooks-page")


def _listed(
    request: HttpRequest, *, error: ConsoleError | None = None, told: dict[str, Any] | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "webhooks": webhooks.read(),
        "nouns": webhooks.nouns(),
        "told": told or {},
        "error": error.detail if error else "",
    }
    if error is None:
        return answer(request, "webhooks", context)
    return render(request, "pages/webhooks.html", context, status=error.status)


def _detailed(
    request: HttpRequest, webhook: Webhook, *, made: Made | None = None, renewed: bool = False
) -> HttpResponse:
    context = {"webhook": webhooks.detail(webhook), "made": made.secret if made else "", "renewed": renewed}
    return answer(request, "webhook", context)
