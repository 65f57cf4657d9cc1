"""What a list may hold for somebody whose roles reach a part only."""

from django.db.models import Q, QuerySet

from approvals.models import ApprovalRequest
from core.actors import Actor
from core.permissions import scopes_read


def readable_requests(actor: Actor, requests: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Those whose change lands somewhere that the actor may read about."""
    scopes = scopes_read(actor)
    if scopes is None:
        return requests
    wanted = Q(pk__in=[])
    for scope in scopes:
        wanted |= Q(change__covered_by__contains=f'"{scope}"')
    return requests.filter(wanted)
