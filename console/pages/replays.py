"""`/dead-letters/`: what could not be read; and having it read again: one, a source's, or those of one reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from connectors.finding import source_of
from connectors.permissions import grants
from connectors.services.replay import replay, replay_dead
from console import phrases
from console.pages.frame import actor_of, answer, page
from console.selectors import dead_letters, delivery
from core.errors import BadInputError
from core.permissions import Permission


@page
@require_POST
def one(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Have one delivery of this source read again."""
    grants.require(Permission.DELIVERY_REPLAY, actor_of(request))
    replay(delivery.find(source_of(slug), uid).uid, actor=actor_of(request))
    messages.success(request, "Put back to be read again. This page follows by itself.")
    return redirect("source-delivery", slug=slug, uid=uid)


@page
@require_POST
def dead(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the source's dead letters read again."""
    taken = replay_dead(slug, actor=actor_of(request))
    many = phrases.plural(len(taken), "dead letter")
    messages.success(
        request, f"Put {many} back to be read again." if taken else "There is no dead letter to read again."
    )
    return redirect("source-page", slug=slug)


@page
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """Dead letters of every source, by reason."""
    grants.require(Permission.SOURCE_READ, actor_of(request))
    shown = dead_letters.read(request.GET.get("source", "").replace("\0", "")[:120])
    may_replay = grants.allow(Permission.DELIVERY_REPLAY, actor_of(request))
    return answer(request, "dead_letters", {"dead": shown, "may_replay": may_replay})


@page
@require_POST
def of_a_reason(request: HttpRequest) -> HttpResponse:
    """Have a source's dead letters of one reason read again."""
    grants.require(Permission.DELIVERY_REPLAY, actor_of(request))
    told = {name: request.POST.get(name, "").replace("\0", "")[:400] for name in ("source", "why")}
    if not told["why"]:
        detail = "Say which reason."
        raise BadInputError(detail)
    taken = replay_dead(told["source"], actor=actor_of(request), why=told["why"])
    many = phrases.plural(len(taken), "dead letter")
    said = f"Put {many} back to be read again. This page follows by itself."
    messages.success(request, said if taken else "No dead letter with this reason could be taken up.")
    return redirect("dead-letters")
