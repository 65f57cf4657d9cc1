"""Void a draft: it is not wanted, it is stale, or its time is over."""

from django.db import transaction

from approvals import drafting
from approvals.models import Draft, DraftKind, DraftState, Enrolment, EnrolmentState
from approvals.permissions import grants
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission

STANDS = (DraftState.OPEN, DraftState.WAITING)


@transaction.atomic
def void_draft(draft_id: int, *, actor: Actor, note: str) -> Draft:
    """Void a draft with a reason; whoever asked for it may ask again.

    Raises:
        NotFoundError: There is no such draft.
        NotPermittedError: The actor is neither a key-admin nor who asked for it, nor a command on this computer.
        WrongStateError: It is settled.
    """
    drafting.lock()
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None or draft.asked_by != actor.id:
        grants.require(Permission.REGISTRY_EDIT, actor)
    if draft is None:
        detail = f"There is no draft {draft_id}."
        raise NotFoundError(detail)
    if draft.state not in STANDS:
        detail = f"Draft {draft_id} is already {draft.state.lower()}."
        raise WrongStateError(detail)

    draft.state, draft.note, draft.settled_at = DraftState.VOIDED, note[:400], clock.now()
    draft.save(update_fields=["state", "note", "settled_at"])
    draft.enrolments.filter(state=EnrolmentState.DRAFTED).update(state=EnrolmentState.ENDED, note=note[:400])

    ledger.append(actor=actor, verb="keys.voided", subject=f"draft:{draft.pk}", facts={"why": note[:400]})
    live.changed("keys")
    return draft


def void_open(kind: DraftKind, *, actor: Actor, note: str) -> None:
    """Void the drafts of a kind that stand on a version that is about to be replaced."""
    for pk in Draft.objects.filter(kind=kind, state=DraftState.OPEN).values_list("pk", flat=True):
        void_draft(pk, actor=actor, note=note)


@transaction.atomic
def void_stale(*, actor: Actor) -> int:
    """Void what nobody signed in time, end enrolments that were left, and return how many drafts that were."""
    now = clock.now()
    Enrolment.objects.filter(state__in=[EnrolmentState.PROVING, EnrolmentState.VOUCHING], expires_at__lte=now).update(
        state=EnrolmentState.ENDED, note="It was not finished in time. Start again."
    )
    stale = list(Draft.objects.filter(state__in=STANDS, expires_at__lte=now).values_list("pk", flat=True))
    for pk in stale:
        void_draft(pk, actor=actor, note="Not signed in time. Ask for it again.")
    return len(stale)
