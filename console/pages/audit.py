"""`/audit/`: the trail, one record, and its export."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from audit.permissions import grants
from audit.services.export import export as make_bundle
from console.pages.frame import actor_of, answer, page
from console.selectors import trail
from core.permissions import Permission

LARGEST = 2**62


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Records, newest first; with `?record=` one of them opened beside the list."""
    actor = actor_of(request)
    grants.require(Permission.AUDIT_READ, actor)
    asked = request.GET
    kinds = [kind for kind, _ in trail.KINDS]
    found = trail.read(
        subject=_subject(asked.get("subject", "")),
        kind=asked.get("kind", "") if asked.get("kind", "") in kinds else "",
        text=asked.get("text", "").strip()[:200],
        before=_number(asked.get("before", "")),
    )
    record = _number(asked.get("record", ""))
    context = {
        "trail": found,
        "kinds": trail.KINDS,
        "detail": trail.detail(record) if record is not None else None,
        "may_export": grants.allow(Permission.AUDIT_EXPORT, actor),
        "newest": "before" not in asked and record is None,
    }
    return answer(request, "audit", context)


@page
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """A proof bundle to carry away; that it was made is recorded."""
    subject = _subject(request.POST.get("subject", ""))
    content = make_bundle(actor=actor_of(request), subject=subject)
    name = subject.replace(":", "-") or "all"
    response = HttpResponse(content, content_type="application/x-tar")
    response.headers["Content-Disposition"] = f'attachment; filename="countersign-{name}.tar"'
    return response


def _subject(text: str) -> str:
    """A subject as the ledger says it; `INC-42` is taken too."""
    wanted = text.strip()[:120]
    head, _, number = wanted.partition("-")
    return f"incident:{number}" if head.upper() == "INC" and number.isdigit() else wanted


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) < LARGEST else None
