"""`/lab/<name>/`: break something in the lab from the page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from console import labctl
from console.pages.frame import actor_of, page
from console.permissions import grants
from console.selectors.first_run import FAULTS
from core.errors import ConsoleError, NotFoundError
from core.permissions import Permission


@page
@require_POST
def break_it(request: HttpRequest, name: str) -> HttpResponse:
    """Inject one of the faults that the first page offers, then show the queue."""
    grants.require(Permission.LAB_BREAK, actor_of(request))
    fault = next((fault for fault in FAULTS if fault.name == name), None)
    if fault is None:
        detail = "The lab has no such fault."
        raise NotFoundError(detail)
    try:
        labctl.run("break", name)
    except ConsoleError as error:
        messages.error(request, f"{fault.title}: not done. {error.detail}")
        return redirect("queue")
    messages.success(
        request, f"{fault.title}: done. The first signal comes within seconds; this page shows it by itself."
    )
    return redirect("queue")
