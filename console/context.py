"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from incidents.models import Incident
from incidents.selectors import OPEN_STATES

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """The theme, the mode, and how many incidents are open."""
    theme = request.COOKIES.get("theme", "")
    person = getattr(request, "user", None)
    signed_in = bool(person and person.is_authenticated)
    return {
        "theme": theme if theme in THEMES else "",
        "local_mode": settings.EMBEDDED,
        "signed_in": signed_in,
        "open_count": Incident.objects.filter(state__in=OPEN_STATES).count() if signed_in else 0,
    }
