"""What page views share: who asks, and the answer to a page or to its live fragment."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from core.actors import Actor
from people.models import Person

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for signed-in people, never kept by a cache."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 -- URL arguments
        return view(request, *args, **kwargs)

    return cast("View", never_cache(login_required(handle)))


def person_of(request: HttpRequest) -> Person:
    """Who is signed in."""
    return cast("Person", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """Who is signed in, as the one who acts; read once a request."""
    found: Actor | None = getattr(request, "countersign_actor", None)
    if found is None:
        found = person_of(request).as_actor()
        request.countersign_actor = found  # type: ignore[attr-defined]  # our own addition
    return found


def is_fragment(request: HttpRequest) -> bool:
    """Whether a live page asks for its changing part alone."""
    return request.headers.get("HX-Request") == "true"


def answer(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or its live part: both render the same fragment."""
    template = f"fragments/{name}.html" if is_fragment(request) else f"pages/{name}.html"
    response = render(request, template, context)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
