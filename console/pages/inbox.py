"""`/approvals/`: the inbox of requests for approval."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from approvals.permissions import grants
from console.pages.frame import actor_of, answer, page, person_of
from console.selectors import signing_rights, standing_rows
from console.selectors.inbox import VIEWS, inbox
from core.permissions import Permission


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """What waits for whoever asks, for their team, and what was decided."""
    actor, person = actor_of(request), person_of(request)
    grants.require(Permission.CHANGE_READ, actor)
    names = [name for name, _ in VIEWS]
    view = request.GET.get("view", "waiting")
    shown = inbox(
        person, actor, view=view if view in names else "waiting", text=request.GET.get("text", "").strip()[:200]
    )
    rights, standings = signing_rights.of(person), standing_rows.rows()
    counts = {
        "waiting": shown.mine + shown.team,
        "for-me": shown.mine,
        "standing": sum(not row.is_over for row in standings),
        "decided": shown.decided,
    }
    views = [
        {"name": name, "title": title, "count": counts[name], "key": key} for key, (name, title) in enumerate(VIEWS, 1)
    ]
    return answer(request, "approvals", {"inbox": shown, "views": views, "rights": rights, "standings": standings})
