"""The ladder of a request: what happens as time passes, and who is asked then."""

from dataclasses import dataclass
from datetime import datetime

from approvals import askees, bundles
from approvals.models import ApprovalRequest, RequestTimer, TimerKind
from approvals.selectors.told import Name, listed, names_of

OPENED = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStep:
    """One step, past or to come.

    Attributes:
        kind: opened, reminder, backup, manager, expiry.
        at: when it comes; `done_at` when it came.
        is_next: whether it is the first one that has not come.
        group: who is asked from then on; empty where nobody new is.
        people: who that is now, by the signed registry.
    """

    kind: str
    at: datetime
    done_at: datetime | None
    is_next: bool
    group: str
    people: tuple[Name, ...]
    sentence: str


def ladder(request: ApprovalRequest) -> list[LadderStep]:
    """Every step of a request's ladder in its order, the opening first. Nothing on it ever approves."""
    timers = list(request.timers.order_by("due_at", "pk"))
    first = _first(request)
    asked = {timer.pk: askees.members(timer.group) if timer.group else [] for timer in timers}
    people = names_of({*first, *(person for found in asked.values() for person in found)})
    coming = next((timer.pk for timer in timers if timer.done_at is None and request.is_pending), None)
    opening = LadderStep(
        kind=OPENED,
        at=request.created_at,
        done_at=request.created_at,
        is_next=False,
        group="",
        people=tuple(people[person] for person in first),
        sentence=f"Asked: {_who(first, people)}.",
    )
    return [opening, *(_step(timer, [people[one] for one in asked[timer.pk]], coming) for timer in timers)]


def rejections_that_end_it() -> int:
    """How many people's no it takes under the policy in force."""
    return bundles.in_force().policy.deny.threshold


def _first(request: ApprovalRequest) -> list[str]:
    return sorted(person for person, via in askees.asked_at(request).items() if via == "quorum")


def _step(timer: RequestTimer, people: list[Name], coming: int | None) -> LadderStep:
    return LadderStep(
        kind=timer.kind,
        at=timer.due_at,
        done_at=timer.done_at,
        is_next=timer.pk == coming,
        group=timer.group,
        people=tuple(people),
        sentence=_sentence(timer, people),
    )


def _sentence(timer: RequestTimer, people: list[Name]) -> str:
    if timer.kind == TimerKind.REMINDER:
        return "Whoever has not decided is reminded."
    if timer.kind == TimerKind.EXPIRY:
        return "It expires. Running out of time never approves."
    if not people:
        return f"{timer.group} is asked too, but nobody is in it. Name somebody on the keys page."
    return f"{listed(person.name for person in people)} ({timer.group}) asked too. It still takes as many signatures."


def _who(ids: list[str], people: dict[str, Name]) -> str:
    return listed(people[person].name for person in ids) if ids else "nobody, for nobody may sign this"
