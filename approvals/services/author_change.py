"""Sign that an edited plan is one's own; only then is anybody asked about it (H9)."""

from typing import Any

from approvals.acts import Signed, noun_of
from approvals.models import Revision
from approvals.services.revise import open_revision
from core import clock
from core.actors import Actor
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from proof.documents import Act


def may_author(act: Act, actor: Actor) -> None:
    """Whether this person may sign for that plan: whoever edited it, while it waits for their signature.

    Raises:
        NotFoundError: No edited plan has that digest.
        NotPermittedError: Somebody else edited it.
        WrongStateError: It was signed already, or waited too long.
    """
    revision = _revision(act)
    if revision.made_by != actor.id:
        detail = "Somebody else wrote this version of the plan; they sign for it."
        raise NotPermittedError(detail)
    if revision.opened_at is not None or revision.expires_at <= clock.now():
        detail = "This version was signed already, or waited too long. Edit the plan again."
        raise WrongStateError(detail)


def author_change(signed: Signed) -> dict[str, Any]:
    """Ask about the edited plan, now that its author stands by it."""
    request = open_revision(_revision(signed.act), actor=signed.actor)
    return {"request": request.pk, "change": request.change_id}


def _revision(act: Act) -> Revision:
    found = Revision.objects.select_related("change").filter(pk=noun_of(act, "change")).first()
    if found is None:
        detail = "No edited plan has that digest."
        raise NotFoundError(detail)
    return found
