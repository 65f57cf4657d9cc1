"""What all verbs about a request share: find it under a lock, record what happened to it, announce it."""

from collections.abc import Iterable, Mapping
from typing import Any

from approvals.models import ApprovalRequest
from audit import ledger
from audit.models import Entry
from core import live
from core.actors import Actor
from core.errors import NotFoundError


def locked_request(request_id: int) -> ApprovalRequest:
    """The request, locked until the end of the transaction.

    Raises:
        NotFoundError: There is none.
    """
    request = ApprovalRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
    if request is None:
        raise missing(request_id)
    return request


def missing(request_id: object) -> NotFoundError:
    """What to raise where there is no such request."""
    return NotFoundError(f"There is no request {request_id}.", request=str(request_id))


def has_started(change_digest: str) -> bool:
    """Whether the executor has written down that it acts; from then on a no comes too late."""
    return Entry.objects.filter(verb="run.intended", mentions__subject=f"change:{change_digest}").exists()


def subject_of(request: ApprovalRequest) -> str:
    """As the ledger says it."""
    return f"request:{request.pk}"


def record(
    request: ApprovalRequest,
    verb: str,
    *,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    documents: Mapping[str, str] | None = None,
    about: Iterable[str] = (),
) -> None:
    """Write the entry of a move of a request, about its change and its incident, and announce it after the commit."""
    change = request.change
    ledger.append(
        actor=actor,
        verb=verb,
        subject=subject_of(request),
        about=[f"change:{change.digest}", change.incident, *about],
        facts={"change": change.digest, **(facts or {})},
        documents={"change": change.digest, **(documents or {})},
    )
    live.changed(subject_of(request), "queue", change.incident)
