"""`/services/`: the map of services and what is wrong there now, one of them beside it, and the same as a list."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from console.pages.frame import actor_of, answer, number_in, page, person_of
from console.selectors import service_sheet, services
from core.permissions import Permission
from incidents.permissions import grants


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The map, narrowed as was asked for."""
    grants.require(Permission.INCIDENT_READ, actor_of(request))
    asked = _asked(request)
    found = services.read(asked, actor_of(request), team=person_of(request).team)
    spot = found.spots.get(asked.service) if asked.service else found.worst
    sheet = service_sheet.read(spot, found.edges, actor_of(request)) if spot is not None else None
    return answer(request, "services", {"map": found, "sheet": sheet})


def _asked(request: HttpRequest) -> services.Asked:
    def told(name: str) -> str:
        return request.GET.get(name, "").strip().replace("\0", "")[:120]

    view = told("view")
    return services.Asked(
        view=view if view in dict(services.VIEWS) else "all",
        text=told("text"),
        environment=told("environment"),
        team=told("team"),
        service=told("service"),
        start=number_in(told("from"), digits=6) or 0,
    )
