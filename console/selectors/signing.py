"""The signing page: the canonical change, who signed it, and how this person may decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


from approvals.models import ApprovalRequest, PersonKey
from approvals.origins import relying_party, signing_url
from approvals.permissions import grants
from console.selectors import plan, requests
from console.selectors.plan import Plan
from console.selectors.requests import Request, Signature, Standing
from core.actors import Actor
from core.errors import ConsoleError, NotFoundError
from core.permissions import Permission
from people.models import Person

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
        refusal: why this person may not decide; empty where they may.
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
    def refusal_to_you(self) -> str:
        """The refusal as it is said to the person's face."""
        if self.refusal.startswith("has "):
            return f"You have {self.refusal.removeprefix('has ')}"
        return f"You may not sign: you {self.refusal.replace('does not', 'do not')}"

    @property
    def others(self) -> int:
        """How many are missing besides this person."""
        return max(0, self.request.missing - (1 if self.state == "ready" else 0))

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
    standings = requests.standings(request, frozen)
    keys = list(PersonKey.objects.filter(person_id=person.pk, revoked_at__isnull=True).order_by("-last_used_at"))
    refusal = requests.why_not(
        person, request, frozen, is_approver=grants.allow(Permission.DECISION_MAKE, actor, asked)
    )
    mine = next((one for one in request.standing_votes if one.person_id == person.pk), None)
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
        may_not=[one for one in standings if not one.may and not one.why.startswith("has ")],
        incident_id=request.incident.partition(":")[2],
        newer_id=_newer(request) if request.state == "VOIDED" else None,
        policy_decided=request.needed == 0,
        only_reject=refusal == requests.INTERESTED,
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
    return "watching" if error or refusal not in {"", requests.INTERESTED} else "ready"


def _newer(request: Request) -> int | None:
    later = ApprovalRequest.objects.filter(change__incident=request.incident, pk__gt=request.id).order_by("-pk")
    return later.values_list("pk", flat=True).first()
