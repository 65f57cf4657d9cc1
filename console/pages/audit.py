"""`/audit/`: the trail, one record, and what is carried away from it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from audit.permissions import grants
from console.pages.frame import actor_of, answer, number_in, page
from console.selectors import asking, provenance, trail
from core.permissions import Permission
from people.models import Person


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Records, newest first; with `?record=` one of them opened beside the list."""
    actor = actor_of(request)
    grants.require(Permission.AUDIT_READ, actor)
    asked = asking.understand(request.GET)
    wanted = number_in(request.GET.get("record", ""))
    record = wanted if wanted is not None else asked.record
    detail = trail.detail(record) if record is not None else None
    context = {
        "trail": trail.read(asked, before=number_in(request.GET.get("before", ""))),
        "kinds": trail.KINDS,
        "detail": detail,
        "chain": provenance.of(detail.seq, detail.about) if detail and detail.seq is not None else (),
        "people": Person.objects.order_by("name").values_list("handle", "name"),
        "may_export": grants.allow(Permission.AUDIT_EXPORT, actor),
        "newest": "before" not in request.GET and record is None,
    }
    return answer(request, "audit", context)
