"""`/sources/<slug>/mapping/`: paste a payload, say where things stand, see the event at once, put it in force."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connectors.adapters import in_force
from connectors.finding import source_of
from connectors.models import Delivery, DeliveryState, Source
from connectors.permissions import grants
from connectors.services.map_source import map_source
from connectors.sources.mapped import Mapped
from console import mapping_form
from console.pages.frame import actor_of, is_fragment, number_in, page
from console.phrases import plural
from console.selectors import mapping
from core.errors import BadInputError, ConsoleError, NotFoundError
from core.permissions import Permission

MOST_PAYLOAD = 200_000
EMPTY = dict.fromkeys([field.name for field in mapping_form.EVERY], "")


@page
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The mapping of a source; a form puts the next version in force."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    if request.method == "POST":
        grants.require(Permission.SOURCE_ADD, actor_of(request))
        return _put_in_force(request, slug)
    found = _mapped(slug)
    latest = in_force(found)
    told = mapping_form.to_typed(latest.document) if latest else _empty()
    return _page(request, found, mapping.latest_payload(found, request.GET.get("delivery", "")), told)


@page
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What would come of it; stores nothing."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    found, told = _mapped(slug), mapping_form.typed(request.POST.dict())
    payload = _payload(request)
    if not is_fragment(request):
        return _page(request, found, payload, told)
    if "compare" not in request.POST:
        context = {"tried": mapping.attempt(found, payload, told), "fields": mapping_form.EVERY}
        return render(request, "fragments/mapping_tried.html", context)
    try:
        context = {"compared": mapping.compare(found, told), "source": found}
    except ConsoleError as error:
        context = {"trouble": error.detail}
    return render(request, "fragments/mapping_compared.html", context)


@page
@require_GET
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """The mapping in force as JSON, as the command line takes it."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    latest = in_force(_mapped(slug))
    if latest is None:
        detail = "There is no mapping in force yet."
        raise NotFoundError(detail)
    shown = mapping.as_json(latest.document)
    headers = {"Content-Disposition": f'attachment; filename="{slug}-mapping-{latest.version}.json"'}
    return HttpResponse(shown, content_type="application/json", headers=headers)


def _put_in_force(request: HttpRequest, slug: str) -> HttpResponse:
    told = mapping_form.typed(request.POST.dict())
    after = number_in(request.POST.get("after", ""), digits=8) or 0
    found = _mapped(slug)
    try:
        document = mapping_form.to_document(told)
        made = map_source(slug, document, after=after, actor=actor_of(request))
    except ConsoleError as error:
        return _page(request, found, _payload(request), told, error)
    dead = Delivery.objects.filter(source=found, state=DeliveryState.DEAD).count()
    waiting = f" {plural(dead, 'dead letter')} can be read with it: replay on the source's page." if dead else ""
    messages.success(request, f"Version {made.version} is in force from the next delivery on.{waiting}")
    return redirect("source-mapping", slug=slug)


def _page(
    request: HttpRequest, found: Source, payload: str, told: dict[str, str], error: ConsoleError | None = None
) -> HttpResponse:
    tried, latest = mapping.attempt(found, payload, told), in_force(found)
    if request.method == "GET" and latest is None:  # nobody typed anything yet that could be wrong
        tried = replace(tried, why={}, wrong=False)
    context: dict[str, Any] = {
        "source": found,
        "payload": payload,
        "told": told,
        "main": _filled(mapping_form.MAIN, told, tried),
        "more": _filled(mapping_form.MORE, told, tried),
        "tried": tried,
        "version": latest.version if latest else 0,
        "made_at": latest.made_at if latest else None,
        "made_by": latest.made_by if latest else "",
        "may_change": grants.allow(Permission.SOURCE_ADD, actor_of(request)),
        "error": error.detail if error else "",
    }
    return render(request, "pages/mapping.html", context, status=error.status if error else 200)


def _filled(fields: Any, told: dict[str, str], tried: mapping.Tried) -> list[dict[str, Any]]:  # noqa: ANN401 -- rows
    """The rows of the form, with what stands in them."""
    return [
        {
            "field": field,
            "value": told[field.name],
            "why": tried.why.get(field.name, ""),
            "absent": told.get(f"{field.name.removesuffix('_words')}_absent", ""),
            "choices": mapping_form.CHOICES.get(f"{field.name.removesuffix('_words')}_absent", ((), ""))[0]
            if field.form == "lines"
            else (),
        }
        for field in fields
    ]


def _payload(request: HttpRequest) -> str:
    payload = request.POST.get("payload", "")
    if len(payload) > MOST_PAYLOAD:
        detail = f"At most {MOST_PAYLOAD:,} characters of a payload are read here."
        raise BadInputError(detail)
    return payload.replace("\r\n", "\n")


def _mapped(slug: str) -> Source:
    found = source_of(slug)
    if found.kind != Mapped.slug:
        detail = f"{found.name} is read by its own adapter. Only a source of the kind mapped has a mapping."
        raise NotFoundError(detail)
    return found


def _empty() -> dict[str, str]:
    return {**EMPTY, **{name: otherwise for name, (_, otherwise) in mapping_form.CHOICES.items()}}
