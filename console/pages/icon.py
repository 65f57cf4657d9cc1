"""`/favicon.ico`: what browsers ask for unasked, on pages that are not ours to link from too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """The mark, under whatever name it is served."""
    return redirect(static("mark.svg"))
