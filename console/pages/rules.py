"""`/rules/`: the rules about alerts that are in force, and what an alert would meet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from connectors.models import Source
from connectors.permissions import grants as connectors
from console.pages.frame import actor_of, answer, number_in, page
from console.selectors import rule_trial, rules
from core.errors import NotFoundError
from core.permissions import Permission
from incidents.correlation.rules import MAX_SIZE
from incidents.permissions import grants

LONGEST = {"source": 80, "payload": rule_trial.LONGEST, "text": MAX_SIZE + 1}


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """What is in force, or an older version."""
    grants.require(Permission.RULES_READ, actor_of(request))
    return answer(request, "rules", _context(request.GET.get("version", "")))


@page
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """What a payload would meet, with the rules in force or with others; nothing is stored."""
    grants.require(Permission.RULES_READ, actor_of(request))
    connectors.require(Permission.SOURCE_READ, actor_of(request))
    told = {name: request.POST.get(name, "")[:most] for name, most in LONGEST.items()}
    tried = rule_trial.attempt(told["source"], told["payload"], told["text"])
    return render(request, "pages/rules.html", {**_context(""), "told": told, "tried": tried})


def _context(version: str) -> dict[str, Any]:
    asked = number_in(version, digits=8)
    if version and asked is None:
        detail = f"There is no version {version[:40]!r} of the rules."
        raise NotFoundError(detail)
    return {
        "rules": rules.read(asked),
        "sources": list(Source.objects.order_by("name").values("slug", "name")),
        "told": {},
        "tried": None,
    }
