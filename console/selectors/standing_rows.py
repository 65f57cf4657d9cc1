"""Standing approvals as the inbox lists them, and one of them as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals import selectors as approvals
from approvals.models import PersonKey, StandingDecision
from approvals.origins import relying_party, signing_url
from approvals.permissions import grants
from console import phrases
from console.drawing.stroke import stroke
from console.selectors.signing import Passkey
from core.actors import Actor
from core.errors import ConsoleError
from core.permissions import Permission
from people.models import Person

MOST = 20
MOST_BOXES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list.

    Attributes:
        boxes: one for each use, filled where it is used; none where there are too many to draw.
    """

    told: approvals.StandingTold
    strokes: Sequence[tuple[str, str]]
    boxes: Sequence[bool]
    limits: str

    @property
    def is_over(self) -> bool:
        """Whether nothing runs under it any more."""
        return self.told.state in {"ENDED", "REJECTED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One standing approval, for somebody who may sign it or not."""

    row: Row
    passkeys: Sequence[Passkey]
    problem: str
    refusal: str
    mine: bool

    @property
    def can_sign(self) -> bool:
        """Whether this person can decide about it here and now."""
        return self.row.told.state == "PROPOSED" and not self.refusal and bool(self.passkeys) and not self.problem


def rows() -> list[Row]:
    """The newest, those in force first."""
    try:
        found = approvals.standings()[:MOST]
    except ConsoleError:  # no registry or policy that holds; the pages of both say so
        return []
    return sorted((_row(one) for one in found), key=lambda row: row.is_over)


def page(uid: str, person: Person, actor: Actor) -> Page:
    """One of them.

    Raises:
        NotFoundError: There is none.
    """
    told = approvals.standing(uid)
    keys = PersonKey.objects.filter(person_id=person.pk, revoked_at=None, key_class="webauthn").order_by(
        "-last_used_at"
    )
    mine = StandingDecision.objects.filter(standing__uid=uid, person_id=person.pk).exists()
    return Page(
        row=_row(told),
        passkeys=[
            Passkey(key_id=key.key_id, credential_id=key.credential_id, label=key.label)
            for key in keys.order_by("-last_used_at")
        ],
        problem=relying_party(signing_url()).problem,
        refusal=_refusal(told, actor, mine=mine),
        mine=mine,
    )


def _refusal(told: approvals.StandingTold, actor: Actor, *, mine: bool) -> str:
    if mine:
        return "You have decided."
    if not grants.allow(Permission.DECISION_MAKE, actor):
        return "You do not hold the approver role."
    return "You asked for it; you may reject it." if told.by == actor.id else ""


def _row(told: approvals.StandingTold) -> Row:
    approved = StandingDecision.objects.filter(standing__uid=told.uid, verdict="approve").order_by("decided_at")
    keys = dict(approved.values_list("person_id", "key_id"))
    few = told.max_uses <= MOST_BOXES
    rest = f", {told.cool_down_s} s apart" if told.cool_down_s else ""
    names = phrases.plural(len(told.targets), "target")
    return Row(
        told=told,
        strokes=[(one.name, stroke(keys.get(one.person_id, ""))) for one in told.signers],
        boxes=[at < told.used for at in range(told.max_uses)] if few else [],
        limits=f"at most {told.per_hour} an hour{rest} · names {names}, no patterns",
    )
