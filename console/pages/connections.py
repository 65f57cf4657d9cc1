"""`/connections/<name>/`: how things stand with a connected system, and services out of its CMDB."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from connectors.permissions import grants
from connectors.services.enter_found import enter_found
from connectors.services.look_into_cmdb import look_into_cmdb
from console.pages.frame import actor_of, answer, page
from console.selectors import connections
from core.errors import WrongStateError
from core.permissions import Permission
from incidents.permissions import grants as catalogue


@page
@require_GET
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One connection."""
    actor = actor_of(request)
    grants.require(Permission.SOURCE_READ, actor)
    may_import = catalogue.allow(Permission.SERVICE_REGISTER, actor)
    context = {
        "connected": connections.read(name, with_import=may_import),
        "may_import": may_import,
        "may_resend": grants.allow(Permission.SOURCE_ADD, actor),
    }
    return answer(request, "connection", context)


@page
@require_POST
def look(request: HttpRequest, name: str) -> HttpResponse:
    """Look what services it has; nothing is entered yet."""
    try:
        look_into_cmdb(name, actor=actor_of(request))
    except WrongStateError as error:
        messages.error(request, error.detail)
    return redirect("connection-page", name)


@page
@require_POST
def entry(request: HttpRequest, name: str) -> HttpResponse:
    """Enter what was looked at."""
    try:
        enter_found(name, actor=actor_of(request))
    except WrongStateError as error:
        messages.error(request, error.detail)
    return redirect("connection-page", name)
