"""The inbox of requests: what waits for me, what others sign, what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from agents.models import Remediation
from approvals.models import ApprovalRequest, Decision, RequestState
from approvals.scoping import readable_requests
from console import phrases
from console.selectors import documents, eligibility, inbox_rows
from console.selectors.groups import Group
from console.selectors.inbox_rows import Around, Row
from core import clock
from core.actors import Actor
from incidents.models import Incident
from people.models import Person

VIEWS = (("waiting", "Waiting"), ("for-me", "For me"), ("standing", "Standing"), ("decided", "Decided"))
MOST, DECIDED_TODAY, DECIDED_MOST, DECIDED_COUNTED = 200, 9, 100, 1000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last decision, for a page on which nothing waits."""

    at: datetime
    name: str
    at_work: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The page. `decided` is how many were decided, as told: `1,000+` from there on."""

    view: str
    text: str
    groups: Sequence[Group[Row]]
    mine: int
    team: int
    decided: str
    last: Last | None

    @property
    def headline(self) -> str:
        """The sentence that answers what the page is for."""
        return f"{self.mine} wait{'s' if self.mine == 1 else ''} for you" if self.mine else "Nothing waits for you"

    @property
    def aside(self) -> str:
        """The rest of the sentence."""
        return f"{self.team} for your team" if self.team else ""

    @property
    def tab(self) -> str:
        """The tab's title: the nearest deadline where it is near."""
        rows = [row for group in self.groups for row in group.rows if row.is_soon]
        nearest = min((row.request.expires_at for row in rows), default=None)
        return f"{inbox_rows.minutes_left(nearest)} left: {self.headline}" if nearest else self.headline


def inbox(person: Person, actor: Actor, *, view: str, text: str) -> Inbox:
    """The inbox as this person sees it."""
    readable = readable_requests(actor, ApprovalRequest.objects.all())
    asked = readable.filter(needed__gt=0)
    pending = list(asked.filter(state=RequestState.PENDING).select_related("change").order_by("expires_at")[:MOST])
    since = clock.now() - DAY
    settled = readable.exclude(state=RequestState.PENDING).select_related("change").order_by("-settled_at", "-pk")
    many = DECIDED_MOST if view == "decided" else DECIDED_TODAY
    decided = list((settled if view == "decided" else settled.filter(settled_at__gte=since))[:many])
    rows = _rows([*pending, *decided], person, actor)
    shown = [row for row in rows if inbox_rows.matches(row, text)]
    mine = [row for row in rows if row.mine]
    return Inbox(
        view=view,
        text=text,
        groups=_groups(shown, view, settled.filter(settled_at__gte=since).count()),
        mine=len(mine),
        team=sum(row.request.is_pending and not row.mine for row in rows),
        decided=_told(settled.order_by()[: DECIDED_COUNTED + 1].count()),
        last=None if pending else _last(settled),
    )


def waiting_for(person: Person, actor: Actor) -> frozenset[int]:
    """The requests that wait for this person's signature, by the rule of the executor."""
    readable = readable_requests(actor, ApprovalRequest.objects.filter(needed__gt=0))
    pending = dict(readable.filter(state=RequestState.PENDING).values_list("pk", "change_id")[:MOST])
    judge = eligibility.judge() if pending else None
    if judge is None:
        return frozenset()
    left = pending.keys() - inbox_rows.signed_by(person, pending)
    return frozenset(pk for pk in left if not judge.of(pending[pk]).why_not(person.pk))


def _rows(found: Sequence[ApprovalRequest], person: Person, actor: Actor) -> list[Row]:
    incidents = {one.subject: one for one in Incident.objects.filter(pk__in=_incident_ids(found))}
    bytes_of = documents.read_many(row.change_id for row in found)
    ran = Remediation.objects.filter(request_id__in=[row.pk for row in found])
    outcomes = {pk: (state, reason) for pk, state, reason in ran.values_list("request_id", "state", "reason")}
    judge = eligibility.judge() if any(row.is_pending for row in found) else None
    around = Around(incidents=incidents, bytes_of=bytes_of, outcomes=outcomes, judge=judge)
    return inbox_rows.rows(found, around, person=person, actor=actor)


def _told(decided: int) -> str:
    return f"{phrases.digits(DECIDED_COUNTED)}+" if decided > DECIDED_COUNTED else str(decided)


def _incident_ids(found: Sequence[ApprovalRequest]) -> list[int]:
    numbers = {row.change.incident.partition(":")[2] for row in found}
    return [int(number) for number in numbers if number.isdigit()]


def _groups(rows: Sequence[Row], view: str, today: int) -> list[Group[Row]]:
    mine = [row for row in rows if row.mine]
    team = [row for row in rows if row.request.is_pending and not row.mine]
    decided = [row for row in rows if not row.request.is_pending]
    wanted = {
        "waiting": (mine, team, decided),
        "for-me": (mine, [], []),
        "decided": ([], [], decided),
        "standing": ([], [], []),
    }
    first, second, third = wanted[view]
    title = "Decided" if view == "decided" else "Decided today"
    note = "the signed record is one click away"
    note = note if view == "decided" else f"{len(decided)} of {today}, {note}"
    groups = (
        Group(key="waiting", title="For you", note="your signature counts for these", rows=first),
        Group(key="team", title="For your team", note="you may read these; others sign", rows=second),
        Group(key="decided", title=title, note=note, rows=third),
    )
    return [group for group in groups if group.rows]


def _last(settled: QuerySet[ApprovalRequest]) -> Last | None:
    made = (
        Decision.objects.filter(request__in=settled.values("pk")).exclude(person_id="").order_by("-decided_at").first()
    )
    if made is None:
        return None
    name: Mapping[str, str] = dict(Person.objects.filter(pk=made.person_id).values_list("pk", "name"))
    at_work = Remediation.objects.filter(state__in=("INITIATED", "ANALYZING", "PLANNING", "EXECUTING", "VALIDATING"))
    return Last(at=made.decided_at, name=name.get(made.person_id, "somebody"), at_work=at_work.count())
