"""What page views share: who asks and for which number, and the answer to a page or to its live fragment."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from audit import ledger
from console.selectors.inbox import waiting_for
from core.actors import Actor
from people.models import Person

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for signed-in people, never kept by a cache; what it shows it reads of each document once."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 -- URL arguments
        with ledger.remembering() if request.method == "GET" else nullcontext():
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


def waiting_of(request: HttpRequest) -> frozenset[int]:
    """The requests that wait for the signature of who is signed in; judged once a request."""
    found: frozenset[int] | None = getattr(request, "countersign_waiting", None)
    if found is None:
        found = waiting_for(person_of(request), actor_of(request))
        request.countersign_waiting = found  # type: ignore[attr-defined]  # our own addition
    return found


def number_in(text: str, *, digits: int = 18) -> int | None:
    """The whole number that a field of an address or a form holds, of so many digits at the most; None for all else."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def is_fragment(request: HttpRequest) -> bool:
    """Whether a live page asks for its changing part alone."""
    return request.headers.get("HX-Request") == "true"


def answer(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or its live part: both render the same fragment."""
    template = f"fragments/{name}.html" if is_fragment(request) else f"pages/{name}.html"
    response = render(request, template, context)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
