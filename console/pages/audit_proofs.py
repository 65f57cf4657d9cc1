"""`/audit/head/` and what lies beside it: the bytes from which a browser checks the ledger by itself."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from audit.permissions import grants
from console.pages.frame import actor_of, page
from console.selectors import proofs
from core.errors import BadInputError
from core.permissions import Permission

LARGEST, DIGITS = 2**53, 16
"""Numbers stay such as a browser counts exactly."""


@page
@require_GET
def head(request: HttpRequest) -> JsonResponse:
    """The newest signed head, and the log's keys."""
    _may(request)
    return JsonResponse(proofs.head())


@page
@require_GET
def record(request: HttpRequest, seq: int) -> JsonResponse:
    """One record as it is stored, with the hashes that lead from it to the head of `?size=`."""
    _may(request)
    return JsonResponse(proofs.record(min(seq, LARGEST), _number(request, "size")))


@page
@require_GET
def batch(request: HttpRequest) -> JsonResponse:
    """Records from `?from=` on, as they are stored."""
    _may(request)
    return JsonResponse(proofs.batch(_number(request, "from"), every_head="heads" in request.GET))


@page
@require_GET
def consistency(request: HttpRequest) -> JsonResponse:
    """The proof that the tree of `?to=` records begins with that of `?from=`."""
    _may(request)
    return JsonResponse(proofs.consistency(_number(request, "from"), _number(request, "to")))


@page
@require_GET
def tree(request: HttpRequest) -> JsonResponse:
    """The full subtrees over the first `?size=` records."""
    _may(request)
    return JsonResponse(proofs.tree_at(_number(request, "size")))


def _may(request: HttpRequest) -> None:
    grants.require(Permission.AUDIT_READ, actor_of(request))


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < DIGITS):
        detail = f"{name} is the number of a record."
        raise BadInputError(detail)
    return int(text)
