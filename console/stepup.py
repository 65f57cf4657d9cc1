"""Dangerous pages ask for the person again: a fresh touch of a passkey, or a fresh sign-in at the provider."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from console import sessions
from core import clock
from core.errors import ConsoleError

View = Callable[..., HttpResponse]


class StepUpNeededError(ConsoleError):
    """The session is right, but nobody was seen to sit there lately."""

    code, status, title = "step-up-needed", 403, "Confirm that it is you"


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person was seen to be there within STEP_UP_S."""
    at = sessions.verified_at(request)
    return at is not None and clock.now() - at <= timedelta(seconds=settings.STEP_UP_S)


def stepped_up(view: View) -> View:
    """Send whoever was not seen lately to confirm it; afterwards they come back to the page they were on."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 -- URL arguments
        if is_fresh(request):
            return view(request, *args, **kwargs)
        if request.headers.get("Accept", "").startswith("application/json"):
            detail = "Confirm first that it is you, on the page that opens."
            raise StepUpNeededError(detail, confirm_at=_confirm_at(request))
        return HttpResponseRedirect(_confirm_at(request))

    return cast("View", handle)


def inside(path: str, otherwise: str = "/") -> str:
    """The path if it leads to a page of ours, else the other one."""
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/")
    return path if is_ours else otherwise


def _confirm_at(request: HttpRequest) -> str:
    back = request.get_full_path()
    if request.method != "GET":  # a form is not sent again by itself: back to the page that it stands on
        back = inside(urlsplit(request.headers.get("Referer", "")).path, "/account/")
    return f"{reverse('step-up')}?{urlencode({'next': back})}"
