"""`/`: the queue; the first run as long as nothing ever came."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from console.pages.frame import actor_of, answer, page, waiting_of
from console.selectors.first_run import first_run
from console.selectors.health import pulse
from console.selectors.queue import MOST, PAGE, queue
from core.permissions import Permission
from incidents.models import Incident
from incidents.permissions import grants

VIEWS = (("open", "Open"), ("for-me", "Wait for me"), ("mine", "Mine"), ("settled", "Settled"))


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The queue, or what to do until there is one."""
    actor = actor_of(request)
    grants.require(Permission.INCIDENT_READ, actor)
    may_take_over = grants.allow(Permission.INCIDENT_TAKE_OVER, actor)
    if not Incident.objects.exists():
        return answer(request, "first_run", {"first": first_run(actor), "may_take_over": may_take_over})
    names = [name for name, _ in VIEWS]
    view = request.GET.get("view", "open")
    shown = queue(
        view=view if view in names else "open",
        text=request.GET.get("text", "").strip()[:200],
        actor=actor,
        waiting=waiting_of(request),
        most=MOST if request.GET.get("rows") == "more" else PAGE,
    )
    counts = {"open": shown.counts.open, "for-me": shown.counts.for_me, "mine": shown.counts.mine}
    counts["settled"] = shown.counts.settled
    views = [
        {"name": name, "title": title, "count": counts[name], "key": key} for key, (name, title) in enumerate(VIEWS, 1)
    ]
    context = {"queue": shown, "views": views, "pulse": pulse(), "may_take_over": may_take_over}
    return answer(request, "queue", context)
