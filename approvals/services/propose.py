"""Propose a change: score it, rule on it, freeze it, ask for approval; policy decides alone where it may."""

from django.db import transaction

from approvals.drafts import ChangeDraft
from approvals.models import ApprovalRequest, PolicyVersion
from approvals.opening import open_request
from approvals.permissions import grants
from approvals.preparing import keep, prepare
from core.actors import Actor
from core.permissions import Permission


@transaction.atomic
def propose(draft: ChangeDraft, *, actor: Actor) -> ApprovalRequest:
    """Freeze a draft into a change and open a request for its approval.

    The request comes back GRANTED where the policy decides alone (its key has signed), else PENDING. An older
    pending request for an earlier version of the change is voided.

    Raises:
        NotPermittedError: The actor may not propose changes.
        BadInputError: The draft does not make a change, or declares unknown risk levels.
        RefusedError: It aims at a protected target, holds what looks like a secret, cannot be carried out, or says
            again what was denied.
    """
    PolicyVersion.objects.select_for_update().filter(
        version=1
    ).first()  # one at a time: the hourly allowance is counted
    grants.require(Permission.CHANGE_PROPOSE, actor, draft)
    prepared = prepare(draft)

    change = keep(prepared, actor=actor)
    return open_request(change, prepared.ruling, actor=actor, checks=draft.checks)
