"""Standing approvals as the ledger tells them: whether one holds, how often it was used, and which covers a change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals import bundles, ledgered, registry
from approvals.models import ApprovalRequest, RequestState, StandingApproval, StandingState
from approvals.settling import records_of_standing
from audit import ledger
from audit.models import Entry
from core import clock
from core.actors import POLICY
from proof.documents import Change, Standing, parse_entry, parse_standing
from proof.quorum import State, Verdict, evaluate_standing

HOUR = timedelta(hours=1)
INTENDED, ROLLED_BACK = "run.intended", "remediation.rolled_back"
CEILING = frozenset({"LOW", "MEDIUM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One change that policy decided under a standing approval.

    Attributes:
        begun_at: when the executor wrote down that it acts; None while it has not.
        helped: False if it was taken back.
    """

    change: str
    begun_at: datetime | None
    helped: bool


def content_of(row: StandingApproval) -> bytes:
    """The signed document, re-hashed."""
    return ledger.fetch(row.digest)


def verdict_of(row: StandingApproval) -> Verdict:
    """What its signed statements come to now; rows decide nothing."""
    content = content_of(row)
    return evaluate_standing(
        content,
        [*records_of_standing(row.uid), *ledgered.acts()],
        registry.current(),
        bundles.in_force().content,
        now=clock.now(),
        audience=parse_standing(content).audience,
    )


def uses(row: StandingApproval) -> list[Use]:
    """Every change decided under it, oldest first, by the ledger alone: a counter in a row would prove nothing."""
    entries = Entry.objects.filter(verb="decision.recorded", actor=POLICY.id, mentions__subject=row.subject)
    bodies = entries.order_by("pk").values_list("body", flat=True)
    changes = dict.fromkeys(
        subject.removeprefix("change:")
        for body in bodies
        for subject in parse_entry(bytes(body)).about
        if subject.startswith("change:")
    )
    return [_use(change) for change in changes]


def used(row: StandingApproval) -> list[datetime]:
    """When it was used, oldest first: begun runs, and those that are decided and may begin any moment."""
    found = uses(row)
    begun = [one.begun_at for one in found if one.begun_at is not None]
    waiting = [one.change for one in found if one.begun_at is None]
    granted = ApprovalRequest.objects.filter(change__in=waiting, state=RequestState.GRANTED, execute_by__gt=clock.now())
    return sorted([*begun, *(one.settled_at for one in granted if one.settled_at is not None)])


def over(row: StandingApproval) -> str:
    """Why it has ended by itself, as a sentence; empty while it has not."""
    if row.state == StandingState.PROPOSED:
        return "" if clock.now() <= row.not_after else "Its time ran out before enough people had signed."
    verdict, found = verdict_of(row), uses(row)
    if verdict.state is not State.GRANTED:
        return f"It does not hold any more: {' '.join(verdict.reasons)}"
    if any(not one.helped for one in found):
        return "A change under it was taken back, which ends it."
    if len([one for one in found if one.begun_at is not None]) >= parse_standing(content_of(row)).max_uses:
        return "It was used as often as it may be."
    return ""


def covering(change: Change) -> StandingApproval | None:
    """A standing approval under which a change may run now; None if there is none."""
    if change.tier not in CEILING:
        return None
    rows = StandingApproval.objects.filter(state=StandingState.GRANTED, not_after__gt=clock.now()).order_by("pk")
    return next((row for row in rows if not next(reasons_against(row, change), "")), None)


def reasons_against(row: StandingApproval, change: Change) -> Iterator[str]:
    """Why a change may not run under a standing approval now, a sentence each; none if it may."""
    standing, now = parse_standing(content_of(row)), clock.now()
    if change.tier not in CEILING:
        yield f"Nothing that is {change.tier} runs under a standing approval."
    if not _covers(standing, change):
        yield f"{row.name} does not cover it."
        return
    times = used(row)
    if len(times) >= standing.max_uses:
        yield f"{row.name} was used {len(times)} times; {standing.max_uses} are allowed."
    if sum(moment > now - HOUR for moment in times) >= standing.per_hour:
        yield f"{row.name} allows {standing.per_hour} uses an hour, and they are used."
    if times and now < times[-1] + timedelta(seconds=standing.cool_down_s):
        yield f"{row.name} rests {standing.cool_down_s} s between two uses."
    ended = over(row)
    if ended:
        yield ended


def _covers(standing: Standing, change: Change) -> bool:
    return standing.audience == change.audience and all(
        standing.covers(step.action, step.adapter, step.target, {param.name: param.value for param in step.params})
        for step in change.steps
    )


def _use(change: str) -> Use:
    about = Entry.objects.filter(mentions__subject=f"change:{change}")
    begun = about.filter(verb=INTENDED).order_by("pk").values_list("at", flat=True).first()
    return Use(change=change, begun_at=begun, helped=not about.filter(verb=ROLLED_BACK).exists())
