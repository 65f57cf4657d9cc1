"""`/sources/`: what comes in, and where it may come in; one source with its deliveries and dead letters."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connectors.finding import source_of
from connectors.models import Source
from connectors.permissions import grants
from connectors.registry import ALERT_SOURCES
from connectors.services.add_source import Endpoint, add_source
from connectors.services.pause_source import pause_source
from connectors.services.renew_source import renew_source
from connectors.services.resume_source import resume_source
from connectors.sources.mapped import Mapped
from console.pages.frame import actor_of, answer, number_in, page
from console.selectors import delivery as one_delivery
from console.selectors import source as one
from console.selectors import sources
from console.stepup import stepped_up
from core.errors import BadInputError, ConsoleError
from core.permissions import Permission
from incidents.autonomy import LEVELS

AUTONOMY = {
    "observe": "observe: they watch, and propose nothing",
    "suggest": "suggest: they propose, and people decide",
    "act": "act: within what policy lets them do alone",
}


@page
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Every source; a form adds one."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    if request.method == "POST":
        grants.require(Permission.SOURCE_ADD, actor_of(request))
        return _add(request)
    return _listed(request)


@page
@require_GET
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One source."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    return _detailed(request, source_of(slug))


@page
@require_POST
def renewal(request: HttpRequest, slug: str) -> HttpResponse:
    """A new address for a source, shown this once."""
    grants.require(Permission.SOURCE_ADD, actor_of(request))
    return _renew(request, slug)


@page
@require_POST
def pause(request: HttpRequest, slug: str) -> HttpResponse:
    """Refuse what a source sends."""
    source = pause_source(slug, actor=actor_of(request))
    messages.success(request, f"{source.name} is paused. Its deliveries are refused with 401 until it is resumed.")
    return redirect("source-page", slug=slug)


@page
@require_POST
def resumption(request: HttpRequest, slug: str) -> HttpResponse:
    """Take what a source sends again."""
    source = resume_source(slug, actor=actor_of(request))
    messages.success(request, f"{source.name} is resumed. Its address is the one from before.")
    return redirect("source-page", slug=slug)


@page
@require_GET
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    """Its deliveries, newest first."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    state = request.GET.get("state", "all")
    shown = one.deliveries(
        source_of(slug),
        state=state if state in one.STATES else "all",
        before=number_in(request.GET.get("before", "")),
    )
    return answer(request, "deliveries", {"list": shown, "states": one.STATES})


@page
@require_GET
def delivery(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """One delivery: its bytes, and what is made of them."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    source = source_of(slug)
    shown = one_delivery.read(one_delivery.find(source, uid))
    may_replay = grants.allow(Permission.DELIVERY_REPLAY, actor_of(request))
    return answer(request, "delivery", {"source": source, "delivery": shown, "may_replay": may_replay})


@stepped_up
@sensitive_variables()
def _add(request: HttpRequest) -> HttpResponse:
    told = {name: request.POST.get(name, "").strip()[:200] for name in ("kind", "name", "autonomy")}
    try:
        if not told["kind"]:
            detail = "Choose what sends the alerts."
            raise BadInputError(detail)
        made = add_source(told["kind"], told["name"], autonomy=told["autonomy"] or "observe", actor=actor_of(request))
    except ConsoleError as error:
        return _listed(request, error=error, told=told)
    return _detailed(request, made.source, made=made)


@stepped_up
@sensitive_variables()
def _renew(request: HttpRequest, slug: str) -> HttpResponse:
    made = renew_source(slug, actor=actor_of(request))
    return _detailed(request, made.source, made=made, renewed=True)


def _listed(
    request: HttpRequest, *, error: ConsoleError | None = None, told: dict[str, str] | None = None
) -> HttpResponse:
    view = request.GET.get("view", "all")
    names = [name for name, _ in sources.VIEWS]
    context: dict[str, Any] = {
        "sources": sources.read(view=view if view in names else "all", text=request.GET.get("text", "").strip()[:200]),
        "kinds": sorted(ALERT_SOURCES.values(), key=lambda kind: kind.title.lower()),
        "autonomy": [(level, AUTONOMY[level]) for level in LEVELS],
        "may_add": grants.allow(Permission.SOURCE_ADD, actor_of(request)),
        "told": told or {"autonomy": "observe"},
        "error": error.detail if error else "",
    }
    if error is None:
        return answer(request, "sources", context)
    return render(request, "pages/sources.html", context, status=error.status)


def _detailed(
    request: HttpRequest, source: Source, *, made: Endpoint | None = None, renewed: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {
        "source": one.read(source),
        "may_change": grants.allow(Permission.SOURCE_ADD, actor_of(request)),
        "may_replay": grants.allow(Permission.DELIVERY_REPLAY, actor_of(request)),
        "is_mapped": source.kind == Mapped.slug,
        "made": made.url if made else "",
        "mailbox": made.mailbox if made else "",
        "renewed": renewed,
    }
    return answer(request, "source", context)
