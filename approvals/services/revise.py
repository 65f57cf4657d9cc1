"""Replace the plan of an open request by an edited one: new version, new bytes; signatures over the old are void."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from approvals.drafts import ChangeDraft
from approvals.models import ApprovalRequest, PolicyVersion, RequestState, Revision
from approvals.opening import open_request
from approvals.permissions import grants
from approvals.preparing import keep, prepare
from approvals.requests import has_started, locked_request, record
from approvals.risk import Tier
from core import clock
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from core.permissions import Permission

SIGN_WITHIN: Final = timedelta(minutes=30)
UNSIGNED_UP_TO: Final = Tier.MEDIUM


@transaction.atomic
def revise(request_id: int, draft: ChangeDraft, why: str, *, actor: Actor) -> Revision:
    """Freeze an edited plan. Up to MEDIUM it is asked about at once; above, its author signs first that it is theirs.

    Args:
        request_id: the request whose plan is edited; it stays open until the new one is asked about.
        draft: the edited plan, which revises the request's change and has its author as proposer.
        why: in the author's words.
        actor: the author.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not propose changes there.
        WrongStateError: The request is settled, or was begun.
        BadInputError: No reason, no difference, or the draft does not make a change.
        RefusedError: It aims at a protected target, holds a secret, cannot be carried out, or was denied before.
    """
    PolicyVersion.objects.select_for_update().filter(version=1).first()
    request = locked_request(request_id)
    grants.require(Permission.CHANGE_PROPOSE, actor, request)
    _require_editable(request)
    if not why.strip():
        detail = "Say in a few words why you change the plan; whoever signs reads it."
        raise BadInputError(detail)
    prepared = prepare(draft)

    now = clock.now()
    revision = Revision.objects.create(
        change=keep(prepared, actor=actor),
        revises=request,
        made_by=actor.id,
        why=why.strip()[:500],
        ruling=prepared.ruling,
        signature_needed=actor.is_person and Tier(prepared.document.tier).rank > UNSIGNED_UP_TO.rank,
        made_at=now,
        expires_at=now + SIGN_WITHIN,
    )
    facts = {"why": revision.why, "to": revision.change_id, "signature_needed": revision.signature_needed}
    record(request, "request.revised", actor=actor, facts=facts, documents={"revision": revision.change_id})
    if not revision.signature_needed:
        open_revision(revision, actor=actor)
    return revision


@transaction.atomic
def open_revision(revision: Revision, *, actor: Actor) -> ApprovalRequest:
    """Ask about a revision: the older request is voided by it.

    Raises:
        WrongStateError: It was opened already, took too long, or the request that it replaces is settled.
        RefusedError: The policy has changed since.
    """
    revises = locked_request(revision.revises_id)
    revision.refresh_from_db()
    _require_editable(revises)
    if revision.opened_at is not None or revision.expires_at <= clock.now():
        detail = "This revision was asked about already, or was not signed in time. Edit the plan again."
        raise WrongStateError(detail)
    request = open_request(revision.change, revision.ruling, actor=actor)
    revision.opened_at = clock.now()
    revision.save(update_fields=["opened_at"])
    return request


def _require_editable(request: ApprovalRequest) -> None:
    is_open = request.state in {RequestState.PENDING, RequestState.GRANTED}
    if not is_open or has_started(request.change_id):
        detail = f"Request {request.pk} is {request.state.lower()} or was begun; its plan cannot be changed any more."
        raise WrongStateError(detail, state=str(request.state))
