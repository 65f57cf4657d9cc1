"""`/audit/export/`: a proof bundle, a PDF for reading, or a table; each is permitted, and each is recorded."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_POST

from audit.selectors import verified
from audit.services.export import export as make_bundle
from audit.services.export_list import export_list
from console.exports import report, table
from console.pages.frame import actor_of, page, person_of
from console.selectors import asking, provenance, trail
from console.selectors.asking import Asked
from core import clock
from core.errors import BadInputError

LOCAL = "Local mode: signed by this computer's own key. Demo people. No outside witness."


@page
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """What was chosen, as a file."""
    asked = asking.understand(request.POST)
    forms = {"bundle": _bundle, "pdf": _pdf, "csv": _csv}
    chosen = forms.get(request.POST.get("form", "bundle"))
    if chosen is None:
        detail = f"There is no such export; there are {', '.join(forms)}."
        raise BadInputError(detail)
    response = chosen(request, asked)
    ending = {"bundle": "tar"}.get(request.POST.get("form", "bundle"), request.POST.get("form", "bundle"))
    name = asked.search.subject.replace(":", "-") or "all"
    safe = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "-._"))[:80]
    response.headers["Content-Disposition"] = f'attachment; filename="countersign-{safe}.{ending}"'
    return response


def _bundle(request: HttpRequest, asked: Asked) -> HttpResponse:
    content = make_bundle(actor=actor_of(request), subject=asked.search.subject)
    return HttpResponse(content, content_type="application/x-tar")


def _csv(request: HttpRequest, asked: Asked) -> StreamingHttpResponse:
    records = export_list(asked.search, "csv", actor=actor_of(request))
    return StreamingHttpResponse(table.lines(records), content_type="text/csv; charset=utf-8")


def _pdf(request: HttpRequest, asked: Asked) -> HttpResponse:
    records = list(export_list(asked.search, "pdf", actor=actor_of(request)))
    subject = asked.search.subject
    newest = records[0].seq if records and subject.startswith("incident:") else None
    marks = ", ".join(mark.words for mark in asked.marks)
    looked_for = f"Looked for: {marks}. " if marks else ""
    head = report.Head(
        title=f"Audit trail of {asked.marks[0].words}" if subject and asked.marks else "Audit trail",
        looked_for=f"{looked_for}{len(records)} records, newest first.",
        by=person_of(request).name,
        at=clock.now(),
        examined=_examined(),
        mode=LOCAL if settings.EMBEDDED else "",
    )
    chain = provenance.of(newest, [subject]) if newest is not None else ()
    return HttpResponse(report.pdf(head, trail.rows_of(records), chain), content_type="application/pdf")


def _examined() -> str:
    state = verified()
    if state.problem:
        return f"The ledger is NOT what was signed: {state.problem}"
    return f"Examined by the console up to record {state.size} at {state.at:%Y-%m-%d %H:%M:%S} UTC." if state.at else ""
