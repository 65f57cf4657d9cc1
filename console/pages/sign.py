"""`/approvals/<request id>/`: the signing page, under a stricter policy of its own: our modules, nothing else."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from approvals.permissions import grants
from console.pages.frame import actor_of, page, person_of
from console.selectors import receipts, signing, standing_rows
from core.permissions import Permission

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@page
@require_GET
def show(request: HttpRequest, request_id: int) -> HttpResponse:
    """The change itself, and the verbs for those who may."""
    view = signing.read(request_id, person_of(request), actor_of(request))
    response = render(request, "pages/sign.html", {"view": view})
    response.headers["Content-Security-Policy"] = POLICY
    return response


@page
@require_GET
def state(request: HttpRequest, request_id: int) -> JsonResponse:
    """Where the request stands, for a page that is being read."""
    view = signing.read(request_id, person_of(request), actor_of(request))
    answer = {"state": view.request.state, "page": view.state, "have": view.request.have, "needed": view.request.needed}
    return JsonResponse({**answer, "digest": view.request.digest})


@page
@require_GET
def receipt(request: HttpRequest, request_id: int) -> JsonResponse:
    """Where the asker's own decision stands in the log, with the proof of it."""
    signing.read(request_id, person_of(request), actor_of(request))
    return JsonResponse(receipts.of(request_id, person_of(request)))


@page
@require_GET
def standing(request: HttpRequest, uid: str) -> HttpResponse:
    """A standing approval, the text itself, and the verbs for those who may."""
    grants.require(Permission.CHANGE_READ, actor_of(request))
    shown = standing_rows.page(uid, person_of(request), actor_of(request))
    response = render(request, "pages/standing.html", {"page": shown})
    response.headers["Content-Security-Policy"] = POLICY
    return response
