"""Having deliveries read again from their page: one, or a source's dead letters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connectors.permissions import grants
from connectors.services.replay import replay, replay_dead
from console import phrases
from console.pages.frame import actor_of, page
from console.selectors import delivery, source
from core.permissions import Permission


@page
@require_POST
def one(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Have one delivery of this source read again."""
    grants.require(Permission.DELIVERY_REPLAY, actor_of(request))
    replay(delivery.find(source.find(slug), uid).uid, actor=actor_of(request))
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
