"""A request for approval as pages show it: who signed, who may, who may not and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from approvals.models import ApprovalRequest, Decision, Delegation, PersonKey, RequestState
from console import phrases
from console.drawing.stroke import stroke
from console.selectors import faces
from console.selectors.eligibility import Eligibility
from console.selectors.faces import Face
from console.selectors.plan import Plan
from core import clock
from core.actors import Role
from people.models import Person

SOON = timedelta(minutes=15)
INTERESTED = "proposed or shaped this change, so may only reject it"
UNLISTED = "has no key in the signed registry"
DECIDED = frozenset({"has signed", "has rejected", "has decided"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's signed decision."""

    face: Face
    person_id: str
    verdict: str
    at: datetime
    key_label: str
    stroke: str
    comment: str
    for_name: str = ""
    is_override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether somebody may decide, and if not, why not."""

    face: Face
    person_id: str
    may: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, ready to be shown."""

    id: int
    state: str
    route: str
    digest: str
    version: int
    tier: str
    score: int
    needed: int
    sentence: str
    rule: str
    intent: str
    incident: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    decisions: Sequence[Signature]

    @property
    def approvals(self) -> Sequence[Signature]:
        """The people who said yes, one vote each, latest word counts."""
        return [one for one in self.standing_votes if one.verdict == "approve"]

    @property
    def rejections(self) -> Sequence[Signature]:
        """The people who said no."""
        return [one for one in self.standing_votes if one.verdict == "reject"]

    @property
    def standing_votes(self) -> Sequence[Signature]:
        """Each person's latest decision."""
        latest = {one.person_id: one for one in self.decisions if one.person_id}
        return [one for one in latest.values() if one.verdict != "revoke"]

    @property
    def have(self) -> int:
        """How many signatures there are."""
        return len(self.approvals)

    @property
    def missing(self) -> int:
        """How many signatures are missing."""
        return max(0, self.needed - self.have)

    @property
    def is_pending(self) -> bool:
        """Whether signatures are still collected."""
        return self.state == RequestState.PENDING

    @property
    def pips(self) -> Sequence[bool]:
        """One mark a signature that is needed."""
        return [at < self.have for at in range(self.needed)]

    @property
    def left(self) -> str:
        """How long signatures are still collected."""
        return phrases.span(max(timedelta(), self.expires_at - clock.now()))

    @property
    def is_soon(self) -> bool:
        """Whether the time to sign is nearly over."""
        return self.expires_at - clock.now() < SOON

    @property
    def used_share(self) -> str:
        """How much of the time to sign is over, in percent."""
        whole = (self.expires_at - self.created_at).total_seconds() or 1
        passed = (clock.now() - self.created_at).total_seconds()
        return f"{min(100.0, max(0.0, passed / whole * 100)):.1f}%"


def by_id(ids: Iterable[int | None]) -> dict[int, Request]:
    """These requests with their decisions, in four queries whatever their number."""
    wanted = {request_id for request_id in ids if request_id}
    if not wanted:
        return {}
    rows = list(ApprovalRequest.objects.filter(pk__in=wanted).select_related("change"))
    decisions = list(Decision.objects.filter(request_id__in=wanted).order_by("decided_at"))
    people = faces.people(one.person_id for one in decisions)
    labels = dict(PersonKey.objects.filter(pk__in={one.key_id for one in decisions}).values_list("key_id", "label"))
    lenders = _lenders(decisions)
    return {
        row.pk: _request(
            row, [_signature(one, people, labels, lenders) for one in decisions if one.request_id == row.pk]
        )
        for row in rows
    }


def _lenders(decisions: Iterable[Decision]) -> dict[str, str]:
    """Digest of the act that lent a right to sign, to the name of who lent it."""
    digests = {one.delegation for one in decisions if one.delegation}
    found = dict(Delegation.objects.filter(sidecar_sha256__in=digests).values_list("sidecar_sha256", "delegator"))
    names = faces.people(found.values())
    return {digest: faces.known(person_id, names).name for digest, person_id in found.items()}


def _request(row: ApprovalRequest, decisions: Sequence[Signature]) -> Request:
    return Request(
        id=row.pk,
        state=row.state,
        route=row.route,
        digest=row.change_id,
        version=row.change.version,
        tier=row.change.tier,
        score=row.change.score,
        needed=row.needed,
        sentence=row.sentence,
        rule=row.rule,
        intent=row.change.intent,
        incident=row.change.incident,
        created_at=row.created_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        decisions=decisions,
    )


def _signature(
    one: Decision, people: Mapping[str, Face], labels: Mapping[str, str], lenders: Mapping[str, str]
) -> Signature:
    face = faces.known(one.person_id, people) if one.person_id else faces.agent("policy")
    return Signature(
        face=face,
        person_id=one.person_id,
        verdict=one.verdict,
        at=one.decided_at,
        key_label=labels.get(one.key_id, ""),
        stroke=stroke(one.key_id),
        comment=one.comment,
        for_name=lenders.get(one.delegation, ""),
        is_override=one.is_override,
    )


def standings(request: Request, plan: Plan | None, can: Eligibility) -> list[Standing]:
    """Everybody who might be asked, and those who would be but for a reason."""
    if can.judged:
        return _by_the_rule(request, can)
    people = list(Person.objects.filter(is_active=True, role_grants__role=Role.APPROVER).distinct().order_by("name"))
    keys = PersonKey.objects.filter(person_id__in=[one.pk for one in people], revoked_at__isnull=True)
    holders = set(keys.values_list("person_id", flat=True))
    return [standing_of(one, request, plan, has_key=one.pk in holders, is_approver=True) for one in people]


def _by_the_rule(request: Request, can: Eligibility) -> list[Standing]:
    """The same by the rule that the executor uses: people of the signed registry, with its sentences."""
    voted = {one.person_id for one in request.standing_votes}
    listed = {*can.may, *can.may_not}
    keyless = Q(is_active=True, role_grants__role=Role.APPROVER) & ~Q(pk__in=can.barred)
    people = Person.objects.filter(Q(pk__in=listed) | keyless).distinct().order_by("name")
    return [
        Standing(
            face=Face(kind="person", name=one.name, mark=one.initials),
            person_id=one.pk,
            may=one.pk in can.may,
            why=why_of(can.may_not.get(one.pk, ""), one.pk) if one.pk in listed else UNLISTED,
        )
        for one in people
        if one.pk not in voted
    ]


def why_of(sentence: str, person_id: str) -> str:
    """A sentence of the rule about somebody, without the name that stands beside it."""
    bare = sentence.removeprefix(person_id).strip().rstrip(".")
    return bare.replace(f"of {person_id} ", "")


def may_only_reject(refusal: str) -> bool:
    """Whether somebody is kept from signing by an interest of theirs, so that their no still counts."""
    return "reject it" in refusal


def standing_of(person: Person, request: Request, plan: Plan | None, *, has_key: bool, is_approver: bool) -> Standing:
    """Whether this person may decide this request, and the reason if not."""
    why = why_not(person, request, plan, is_approver=is_approver)
    face = Face(kind="person", name=person.name, mark=person.initials)
    note = why or ("" if has_key else "has no key yet")
    return Standing(face=face, person_id=person.pk, may=not why, why=note)


def why_not(person: Person, request: Request, plan: Plan | None, *, is_approver: bool) -> str:
    """The reason why this person may not decide; empty where they may."""
    if not is_approver:
        return "does not hold the approver role"
    if plan is not None and person.pk in plan.interested:
        return INTERESTED
    voted = [one for one in request.standing_votes if one.person_id == person.pk]
    if voted:
        return {"approve": "has signed", "reject": "has rejected"}.get(voted[0].verdict, "has decided")
    return ""
