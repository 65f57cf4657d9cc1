"""One request as a row of the inbox: what will happen, the risk, who signed, how long is left and what comes then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals import selectors as approvals
from approvals.models import ApprovalRequest, Decision, RequestTimer
from console import marks, phrases
from console.selectors import eligibility, faces, plan, requests
from console.selectors.eligibility import Eligibility, Judge
from console.selectors.faces import Face
from console.selectors.plan import Plan
from console.selectors.requests import Request
from core import clock
from core.actors import Actor, Role
from core.errors import RefusedError
from incidents.models import Incident
from people.models import Person
from proof.words import six_words

NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
OUTCOMES = frozenset({"COMPLETED", "ROLLED_BACK", "FAILED", "EXECUTING", "VALIDATING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One signature line: signed with a stroke, mine to sign, or open."""

    stroke: str = ""
    name: str = ""
    you: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One request.

    Attributes:
        pieces: the sentence of what will happen, with those words marked that name what and where.
        may_not: why this person may not sign; empty where they may.
        then: what happens when the time is over, and what comes before.
        ended: state, and a word on how it came to it, where it is decided.
    """

    request: Request
    severity: str
    service: str
    number: str
    pieces: Sequence[tuple[str, bool]]
    words: str
    lines: Sequence[Line]
    count: str
    then: str
    asker: Face
    source: str
    mine: bool
    may_not: str
    state: marks.State | None
    ended: str

    @property
    def is_soon(self) -> bool:
        """Whether little time is left to sign."""
        return self.request.is_pending and self.request.is_soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rows are told with: incidents by subject, documents by digest, how runs ended by request."""

    incidents: Mapping[str, Incident]
    bytes_of: Mapping[str, bytes]
    outcomes: Mapping[int | None, tuple[str, str]]
    judge: Judge | None


def rows(found: Sequence[ApprovalRequest], around: Around, *, person: Person, actor: Actor) -> list[Row]:
    """These requests as rows, in a bounded number of queries."""
    told = requests.by_id(row.pk for row in found)
    steps = _next_steps(row.pk for row in found if row.is_pending)
    judge = around.judge
    known = {one.pk: one.name for one in Person.objects.all()} if judge else {}
    made = []
    for row in found:
        request = told[row.pk]
        frozen = _plan(around.bytes_of.get(row.change_id), row.change_id)
        can = judge.of(row.change_id) if judge and request.is_pending else Eligibility()
        why = _why_not(request, person, actor, can, frozen, judged=judge is not None)
        mine = request.is_pending and not why and not _decided(request, person)
        incident = around.incidents.get(request.incident)
        outcome = around.outcomes.get(row.pk, ("", ""))
        made.append(
            Row(
                request=request,
                severity=incident.severity if incident else "S4",
                service=incident.service if incident else "",
                number=incident.number if incident else "",
                pieces=_pieces(frozen, request),
                words=" ".join(six_words(request.digest)),
                lines=_lines(request, mine=mine),
                count=_count(row, request, can, known, mine=mine),
                then=_then(request, steps.get(row.pk)),
                asker=_asker(frozen),
                source=_source(frozen),
                mine=mine,
                may_not="" if not request.is_pending or mine else eligibility.with_names(why, known),
                state=None if request.is_pending else _state(request, outcome),
                ended="" if request.is_pending else _ended(request),
            )
        )
    return made


def signed_by(person: Person, ids: Iterable[int]) -> set[int]:
    """Those of the requests that this person has decided."""
    found = Decision.objects.filter(request_id__in=list(ids), person_id=person.pk).order_by("decided_at")
    latest = {one.request_id: one.verdict for one in found}
    return {pk for pk, verdict in latest.items() if verdict != "revoke"}


def matches(row: Row, text: str) -> bool:
    """Whether every word that is looked for stands in the row."""
    if not text:
        return True
    sentence = "".join(piece for piece, _ in row.pieces)
    names = " ".join(one.name for one in row.lines)
    parts = (sentence, row.service, row.number, row.words, row.asker.name, names, row.request.tier, row.severity)
    hay = " ".join(parts).lower()
    return all(word in hay for word in text.lower().split())


def minutes_left(moment: datetime) -> str:
    """Whole minutes until then, for a tab's title."""
    return f"{max(0, int((moment - clock.now()).total_seconds() // 60))} m"


def _why_not(
    request: Request, person: Person, actor: Actor, can: Eligibility, frozen: Plan | None, *, judged: bool
) -> str:
    if not request.is_pending:
        return ""
    if _decided(request, person):
        return "You have decided."
    if can.problem:
        return can.problem
    if judged:
        return can.why_not(person.pk)
    plain = requests.why_not(person, request, frozen, is_approver=Role.APPROVER in actor.roles)
    return f"You {plain}." if plain else ""


def _decided(request: Request, person: Person) -> bool:
    return any(one.person_id == person.pk for one in request.standing_votes)


def _plan(content: bytes | None, digest: str) -> Plan | None:
    try:
        return plan.parse(content, digest) if content is not None else None
    except RefusedError:
        return None


def _pieces(frozen: Plan | None, request: Request) -> Sequence[tuple[str, bool]]:
    """What will happen, as the person signs it; the first letter large, for here it is a sentence of its own."""
    pieces = list(frozen.pledge) if frozen else [(request.intent, False)]
    return [(pieces[0][0][:1].upper() + pieces[0][0][1:], pieces[0][1]), *pieces[1:]] if pieces else []


def _lines(request: Request, *, mine: bool) -> list[Line]:
    signed = [Line(stroke=one.stroke, name=one.face.name) for one in request.approvals]
    open_ = max(0, request.needed - len(signed))
    own = [Line(you=True)] if mine and open_ else []
    return [*signed, *own, *(Line() for _ in range(open_ - len(own)))]


def _by_itself(row: ApprovalRequest) -> str:
    """What let it run without asking: the policy alone, or under it what people signed once."""
    if row.rule != "standing":
        return "policy, by itself"
    under = approvals.standing_of(row)
    if under is None:
        return "policy, by itself"
    return f"under {under.name} of {', '.join(one.name for one in under.signers)}"


def _count(row: ApprovalRequest, request: Request, can: Eligibility, known: Mapping[str, str], *, mine: bool) -> str:
    if not request.needed:
        return _by_itself(row)
    if not request.is_pending:
        return ", ".join(one.face.name for one in request.approvals or request.rejections) or "nobody signed"
    count = f"{request.have} of {request.needed}"
    if mine:
        return f"{count}, you may be the {NTH[min(request.have, len(NTH) - 1)]}" if request.needed > 1 else count
    signed = {vote.person_id for vote in request.approvals}
    open_to = sorted(known[one] for one in can.may if one in known and one not in signed)
    if not open_to:
        return count
    return f"{count}: {', '.join(open_to[:3])}{' and others' if len(open_to) > 3 else ''}"


def _next_steps(ids: Iterable[int]) -> dict[int, RequestTimer]:
    found: dict[int, RequestTimer] = {}
    for timer in RequestTimer.objects.filter(request_id__in=list(ids), done_at=None).order_by("-due_at"):
        found[timer.request_id] = timer
    return found


def _then(request: Request, step: RequestTimer | None) -> str:
    end = f"{request.expires_at:%H:%M}, then it expires: nothing runs and a person is called"
    if step is None or not step.group or step.due_at >= request.expires_at:
        return end
    return f"{step.due_at:%H:%M} {step.group} is asked too. {end}"


def _asker(frozen: Plan | None) -> Face:
    if frozen is None:
        return faces.NOBODY
    if frozen.proposer_kind == "person":
        return faces.known(frozen.proposer, faces.people([frozen.proposer]))
    return faces.agent(frozen.proposer)


def _source(frozen: Plan | None) -> str:
    if frozen is None:
        return ""
    return f"runbook {frozen.runbook}" if frozen.runbook else "by hand"


def _state(request: Request, outcome: tuple[str, str]) -> marks.State:
    """How it ended; what was granted and ran, by how the run ended."""
    ran = request.state == "GRANTED" and outcome[0] in OUTCOMES
    return marks.of_remediation(*outcome) if ran else marks.STATES[request.state]


def _ended(request: Request) -> str:
    at = phrases.clock_time(request.settled_at) if request.settled_at else ""
    comment = next((one.comment for one in request.rejections if one.comment), "")
    return f"{at}, “{comment}”" if comment else at
