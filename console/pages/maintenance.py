"""`/maintenance/`: windows that hide alerts, and change freezes; planning and ending them."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.pages.frame import actor_of, answer, page
from console.selectors import window as one_window
from console.selectors.maintenance import read
from console.selectors.window_rows import covers
from core.errors import BadInputError, ConsoleError
from core.permissions import Permission
from incidents.permissions import grants, operates_somewhere
from incidents.services.end_window import end_window
from incidents.services.extend_window import extend_window
from incidents.services.open_window import WindowPlan, open_window

FIELDS = ("kind", "services", "environment", "labels", "starts_at", "until", "why")


@page
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Every window; a form plans one."""
    grants.require(Permission.INCIDENT_READ, actor_of(request))
    may_plan = operates_somewhere(actor_of(request))
    if request.method == "GET":
        view = read(actor_of(request))
        return answer(request, "maintenance", {"view": view, "may_plan": may_plan, "told": {}, "error": ""})
    told = {name: request.POST.get(name, "").strip()[:4000] for name in FIELDS}
    try:
        window = open_window(_plan(told), actor=actor_of(request))
    except BadInputError as error:
        context = {"view": read(actor_of(request)), "may_plan": may_plan, "told": told, "error": error.detail}
        return render(request, "pages/maintenance.html", context, status=error.status)
    messages.success(request, f"Planned for {covers(window)}, until {window.until:%a %d %b %H:%M} UTC.")
    return redirect("maintenance")


@page
@require_GET
def detail(request: HttpRequest, window_id: int) -> HttpResponse:
    """One window, and what it hides, alert by alert."""
    grants.require(Permission.INCIDENT_READ, actor_of(request))
    return answer(request, "window", {"view": one_window.read(window_id, actor_of(request))})


@page
@require_POST
def extension(request: HttpRequest, window_id: int) -> HttpResponse:
    """Let a window last longer."""
    grants.require(Permission.INCIDENT_READ, actor_of(request))
    try:
        until = _moment(request.POST.get("until", "").strip()[:80], "Until")
        window = extend_window(window_id, until, actor=actor_of(request))
    except ConsoleError as error:
        if error.status not in {400, 409}:
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, f"The window on {covers(window)} lasts until {window.until:%a %d %b %H:%M} UTC.")
    return redirect("maintenance")


@page
@require_POST
def ending(request: HttpRequest, window_id: int) -> HttpResponse:
    """End a window before its time."""
    grants.require(Permission.INCIDENT_READ, actor_of(request))
    try:
        window = end_window(window_id, actor=actor_of(request))
    except ConsoleError as error:
        if error.status != 409:
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, f"The window on {covers(window)} is ended. What still fires is judged anew.")
    return redirect("maintenance")


def _plan(told: dict[str, str]) -> WindowPlan:
    return WindowPlan(
        kind=told["kind"] or "maintenance",
        why=told["why"],
        starts_at=_moment(told["starts_at"], "From") if told["starts_at"] else None,
        until=_moment(told["until"], "Until"),
        services=tuple(told["services"].replace(",", " ").split()),
        environment=told["environment"],
        labels=dict(_label(word) for word in told["labels"].replace(",", " ").split()),
    )


def _label(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not name or not sign:
        detail = f"{word[:80]!r} is no label; write name=value, with * for any text."
        raise BadInputError(detail, field="labels")
    return name, value


def _moment(text: str, field: str) -> datetime:
    """A time of the form; without a zone it is UTC."""
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        detail = f"{field} is no time; write it like 2026-03-01 14:00, in UTC."
        raise BadInputError(detail, field=field.lower())
    return at if at.tzinfo else at.replace(tzinfo=UTC)
