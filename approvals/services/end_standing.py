"""End a standing approval: by a signed act, or by itself when it holds no more."""

from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from approvals import registry, standings
from approvals.acts import Signed, noun_of
from approvals.models import StandingApproval, StandingState
from approvals.services.decide_standing import locked_standing
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from proof.documents import Act
from proof.registry_document import APPROVER, KEY_ADMIN

OPEN = (StandingState.PROPOSED, StandingState.GRANTED)


def may_end(act: Act, actor: Actor) -> None:
    """Whether this person may end it: whoever may sign, whoever asked for it, or a key-admin.

    Raises:
        NotFoundError: There is no such standing approval.
        NotPermittedError: The person is none of these.
        WrongStateError: It has ended already.
    """
    row = StandingApproval.objects.filter(uid=noun_of(act, "standing")).first()
    if row is None:
        detail = "There is no such standing approval."
        raise NotFoundError(detail)
    person = registry.current().person(actor.name)
    signs = person is not None and (bool(person.roles & {APPROVER, KEY_ADMIN}) or bool(person.groups))
    if not signs and row.requested_by != actor.id:
        detail = "Whoever may sign, or asked for it, ends a standing approval."
        raise NotPermittedError(detail)
    if not can_proceed(row.end):
        detail = f"{row.name} is {row.state.lower()} already."
        raise WrongStateError(detail, state=str(row.state))


def end_by_act(signed: Signed) -> dict[str, Any]:
    """Note that it ended; by the ledger nothing runs under it from the act's own entry on."""
    row = locked_standing(noun_of(signed.act, "standing"))
    _end(row, signed.act.value("why") or "Somebody ended it.", actor=signed.actor)
    return {"standing": row.uid, "state": str(row.state)}


def end_due(*, actor: Actor) -> list[str]:
    """End every standing approval that holds no more, each in a transaction of its own; their names."""
    rows = StandingApproval.objects.filter(state__in=OPEN).order_by("pk")
    return [row.name for row in rows if end_if_over(row.uid, actor=actor)]


@transaction.atomic
def end_if_over(uid: str, *, actor: Actor) -> bool:
    """End one if it holds no more; otherwise do nothing.

    Raises:
        NotFoundError: There is none.
    """
    row = locked_standing(uid)
    why = standings.over(row) if row.state in OPEN else ""
    if not why:
        return False
    _end(row, why, actor=actor)
    return True


def _end(row: StandingApproval, why: str, *, actor: Actor) -> None:
    row.end()
    row.ended_at, row.ended_why = clock.now(), why[:300]
    row.save(update_fields=["state", "ended_at", "ended_why"])
    ledger.append(
        actor=actor,
        verb="standing.ended",
        subject=row.subject,
        facts={"why": row.ended_why, "name": row.name},
        documents={"standing": row.digest},
    )
    live.changed("queue")
