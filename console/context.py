"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from connectors.permissions import grants as connectors
from console.pages.frame import actor_of, waiting_of
from console.selectors.stands import stands
from core.permissions import Permission
from incidents.models import Incident
from incidents.permissions import grants as incidents
from incidents.scoping import incidents_read
from incidents.selectors import OPEN_STATES

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """The theme, the mode, and how many incidents are open."""
    theme = request.COOKIES.get("theme", "")
    person = getattr(request, "user", None)
    signed_in = bool(person and person.is_authenticated)
    unsettled = Incident.objects.filter(state__in=OPEN_STATES)
    return {
        "theme": theme if theme in THEMES else "",
        "local_mode": settings.EMBEDDED,
        "signed_in": signed_in,
        "approvals_count": len(waiting_of(request)) if signed_in else 0,
        "sees_sources": signed_in and connectors.allow(Permission.SOURCE_READ, actor_of(request)),
        "keeps_webhooks": signed_in and connectors.allow(Permission.WEBHOOK_KEEP, actor_of(request)),
        "sees_rules": signed_in and incidents.allow(Permission.RULES_READ, actor_of(request)),
        "stands": stands() if signed_in else None,
        "open_count": incidents_read(actor_of(request), unsettled).count() if signed_in else 0,
    }
