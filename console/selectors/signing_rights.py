"""With what and for whom a person signs, as the head of the inbox says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import bundles, registry
from approvals import selectors as approvals
from approvals.models import PersonKey
from core import clock
from core.errors import ConsoleError
from people.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Keys that count, groups, a key that is still too new, and how many approvals of this hour are spent."""

    keys: Sequence[str]
    groups: Sequence[str]
    too_new: str
    ready_at: datetime | None
    budget: str


def of(person: Person) -> Rights:
    """What the signed registry lists of this person."""
    rows = list(PersonKey.objects.filter(person_id=person.pk, revoked_at=None).order_by("-enrolled_at"))
    waits, groups = _cool_down(), _groups(person)
    fresh = [row for row in rows if waits and row.enrolled_at + waits > clock.now()]
    return Rights(
        keys=[row.label for row in rows if row not in fresh],
        groups=groups,
        too_new=fresh[0].label if fresh else "",
        ready_at=fresh[0].enrolled_at + waits if fresh else None,
        budget=_budget(person),
    )


def _cool_down() -> timedelta:
    try:
        return timedelta(seconds=bundles.in_force().policy.cool_down_s)
    except ConsoleError:
        return timedelta()


def _groups(person: Person) -> list[str]:
    try:
        listed = registry.current().person(person.pk)
    except ConsoleError:
        return []
    return sorted(listed.roles | listed.groups) if listed else []


def _budget(person: Person) -> str:
    try:
        spent = approvals.budget(person.pk)
    except ConsoleError:
        return ""
    return f"{spent.used} of {spent.limit}" if spent.limit and spent.used else ""
