"""The signing page: the canonical change, who signed it, and how this person may decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.models import Run
from approvals import selectors as approvals
from approvals.models import ApprovalRequest, Decision, PersonKey
from approvals.origins import relying_party, signing_url
from approvals.permissions import grants
from console.selectors import eligibility, mirrors, plan, receipts, requests, revision, trouble
from console.selectors.eligibility import Eligibility
from console.selectors.mirrors import Mirror
from console.selectors.plan import Plan
from console.selectors.requests import Request, Signature, Standing
from console.selectors.trouble import Trouble
from core import clock
from core.actors import Actor
from core.errors import ConsoleError, NotFoundError
from core.permissions import Permission
from people.models import Person

NO_OVERRIDE = "-"
OVER = {
    "REJECTED": ("Rejected", "Nothing runs. The agents stepped back; the incident is with people."),
    "EXPIRED": ("The time to sign ran out", "Nobody's silence approves: nothing runs, and a person was called."),
    "WITHDRAWN": ("Withdrawn", "Whoever asked no longer asks. Nothing runs from this request."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of this person that works here."""

    key_id: str
    credential_id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The page.

    Attributes:
        state: ready (may decide), signed (this person has, or all have), voided, over, watching.
        refusal: why this person may not decide, said to their face; empty where they may.
        record: the number of the record of this person's decision, once a signed head covers it.
        slots: what is still missing, a phrase each.
        opens_at: when it may run at the earliest, where that is later than the last signature.
        ends_it: how many rejections end it.
        trouble: the incident behind it.
        mirrors: the requests for this change in ticket systems.
        friction: read, where every part must have been on the screen before one signs; light below HIGH.
    """

    request: Request
    plan: Plan | None
    error: str
    state: str
    refusal: str
    mine: Signature | None
    passkeys: Sequence[Passkey]
    has_ssh_key: bool
    address_problem: str
    may: Sequence[Standing]
    may_not: Sequence[Standing]
    incident_id: str
    newer_id: int | None
    policy_decided: bool
    only_reject: bool
    ladder: Sequence[approvals.LadderStep]
    slots: Sequence[str]
    record: int | None
    can_withdraw: bool
    friction: str
    problem: str
    revised: revision.Revised | None
    questions: Sequence[approvals.QuestionTold]
    may_withdraw_request: bool
    solo: bool
    override: approvals.OverrideTold | None
    override_refused: str
    may_review: bool
    delegations: Sequence[approvals.DelegationTold]
    opens_at: datetime | None
    ends_it: int
    trouble: Trouble | None
    mirrors: Sequence[Mirror]

    @property
    def incident_number(self) -> str:
        """As people say it."""
        return f"INC-{self.incident_id}"

    @property
    def can_sign_here(self) -> bool:
        """Whether a passkey can be used on this page now."""
        return self.state == "ready" and bool(self.passkeys) and not self.address_problem

    @property
    def over_title(self) -> str:
        """What ended it."""
        return OVER.get(self.request.state, ("", ""))[0]

    @property
    def over_note(self) -> str:
        """What follows from that."""
        return OVER.get(self.request.state, ("", ""))[1]

    @property
    def too_few(self) -> bool:
        """Whether fewer people may sign than signatures are missing, so that it cannot come to anything as it is."""
        return self.request.is_pending and len(self.may) < self.request.missing

    @property
    def may_override(self) -> bool:
        """Whether this person could take it on themselves here and now."""
        return not self.override_refused and bool(self.passkeys) and not self.address_problem

    @property
    def pledge(self) -> Sequence[tuple[str, bool, bool]]:
        """The signed sentence in pieces: what names what and where is marked, and what this version put in anew."""
        if self.plan is None:
            return ()
        gone = self.revised.gone if self.revised else None
        return [
            (piece, strong, gone is not None and bool(piece.strip()) and piece.strip(".,;:") not in gone)
            for piece, strong in self.plan.pledge
        ]

    @property
    def others(self) -> int:
        """How many are missing besides this person."""
        return max(0, self.request.missing - (1 if self.state == "ready" else 0))

    @property
    def after_withdrawing(self) -> int:
        """How many signatures remain without this person's."""
        return max(0, self.request.have - 1)

    @property
    def is_complete(self) -> bool:
        """Whether the quorum is complete."""
        return self.request.state == "GRANTED"

    @property
    def settled_at(self) -> datetime | None:
        """When it ended."""
        return self.request.settled_at


def read(request_id: int, person: Person, actor: Actor) -> Signing:
    """The page for one person.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: This person may not read changes.
    """
    asked = ApprovalRequest.objects.select_related("change").filter(pk=request_id).first()
    grants.require(Permission.CHANGE_READ, actor, asked)
    request = requests.by_id([request_id]).get(request_id)
    if request is None:
        detail = f"There is no request {request_id}."
        raise NotFoundError(detail)
    frozen, error = _plan(request.digest)
    can = eligibility.in_full(request.digest) if request.is_pending else Eligibility()
    standings = requests.standings(request, frozen, can)
    keys = list(PersonKey.objects.filter(person_id=person.pk, revoked_at__isnull=True).order_by("-last_used_at"))
    refusal = _refusal(person, request, frozen, can, is_approver=grants.allow(Permission.DECISION_MAKE, actor, asked))
    mine = next((one for one in request.standing_votes if one.person_id == person.pk), None)
    taken = _override(asked)
    lent = approvals.delegations_for(asked, person.pk) if asked and can.judged else []
    return Signing(
        request=request,
        plan=frozen,
        error=error,
        state=_state(request, mine, refusal, error),
        refusal=refusal,
        mine=mine,
        passkeys=[
            Passkey(key_id=key.key_id, credential_id=key.credential_id, label=key.label)
            for key in keys
            if key.key_class == "webauthn"
        ],
        has_ssh_key=any(key.key_class != "webauthn" for key in keys),
        address_problem=relying_party(signing_url()).problem,
        may=[one for one in standings if one.may],
        may_not=[one for one in standings if not one.may and one.why not in requests.DECIDED],
        incident_id=request.incident.partition(":")[2],
        newer_id=_newer(asked, request) if asked and request.state == "VOIDED" else None,
        policy_decided=request.needed == 0,
        only_reject=requests.may_only_reject(refusal),
        ladder=approvals.ladder(asked) if asked and can.judged else (),
        slots=can.slots,
        record=_record(request, person),
        can_withdraw=_can_withdraw(request, mine),
        friction="read" if request.tier in {"HIGH", "CRITICAL"} else "light",
        problem=can.problem if can.judged else "",
        revised=revision.of(asked) if asked and request.state != "VOIDED" else None,
        questions=approvals.questions(asked) if asked else (),
        may_withdraw_request=request.is_pending and grants.allow(Permission.CHANGE_WITHDRAW, actor, asked),
        solo=can.solo,
        override=taken,
        override_refused=approvals.may_override(asked, person.pk) if asked and can.judged else NO_OVERRIDE,
        may_review=_may_review(taken, person),
        delegations=lent,
        opens_at=asked.not_before if asked and asked.not_before and asked.not_before > clock.now() else None,
        ends_it=approvals.rejections_that_end_it() if can.judged else 1,
        trouble=trouble.behind(request.incident.partition(":")[2], actor),
        mirrors=mirrors.of_change(request.digest),
    )


def _plan(digest: str) -> tuple[Plan | None, str]:
    try:
        return plan.read(digest), ""
    except ConsoleError as error:
        return None, error.detail


def _state(request: Request, mine: Signature | None, refusal: str, error: str) -> str:
    if request.state == "VOIDED":
        return "voided"
    if request.state in OVER:
        return "over"
    if request.state == "GRANTED" or (mine is not None and mine.verdict == "approve"):
        return "signed"
    if error or (refusal and not requests.may_only_reject(refusal) and eligibility.NO_KEY not in refusal):
        return "watching"
    return "ready"


def _refusal(person: Person, request: Request, frozen: Plan | None, can: Eligibility, *, is_approver: bool) -> str:
    """The reason of the rule that the executor uses; where there is no registry yet, that of the rows."""
    if not request.is_pending:
        return ""
    if can.judged and is_approver:
        return can.problem or can.why_not(person.pk)
    plain = requests.why_not(person, request, frozen, is_approver=is_approver)
    return f"You {plain.replace('does not', 'do not').replace('has ', 'have ')}." if plain else ""


def _can_withdraw(request: Request, mine: Signature | None) -> bool:
    """Whether a signature may be taken back: until the run was announced."""
    if mine is None or mine.verdict != "approve" or request.state not in {"PENDING", "GRANTED"}:
        return False
    return not Run.objects.filter(change_digest=request.digest).exists()


def _record(request: Request, person: Person) -> int | None:
    made = Decision.objects.filter(request_id=request.id, person_id=person.pk).order_by("-decided_at").first()
    return receipts.seq_of(made) if made else None


def _newer(asked: ApprovalRequest, request: Request) -> int | None:
    successor = approvals.successor_of(asked)
    if successor is not None:
        return successor.pk
    later = ApprovalRequest.objects.filter(change__incident=request.incident, pk__gt=request.id).order_by("-pk")
    return later.values_list("pk", flat=True).first()


def _override(asked: ApprovalRequest | None) -> approvals.OverrideTold | None:
    try:
        return approvals.override_of(asked) if asked else None
    except ConsoleError:
        return None


def _may_review(taken: approvals.OverrideTold | None, person: Person) -> bool:
    """Whether this person is one of the others who may still say whether an override was right."""
    if taken is None or taken.state not in {"open", "overdue"}:
        return False
    return person.pk not in {taken.person_id, *(one.person_id for one in taken.reviewers)}
