"""`/evidence/<sha256>/`: stored bytes, pretty and raw."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from console.pages.frame import actor_of, page
from console.selectors import documents, snapshot


@page
@require_GET
def show(request: HttpRequest, sha256: str) -> HttpResponse:
    """What was read, as a page; `?raw` hands out the exact bytes."""
    snapshot.require_read(sha256, actor_of(request))
    if "raw" in request.GET:
        content = bytes(documents.read(sha256).content)
        response = HttpResponse(content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{sha256}.bin"'
        return response
    return render(request, "pages/evidence.html", {"snapshot": snapshot.read(sha256)})
