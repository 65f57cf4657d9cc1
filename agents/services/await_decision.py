"""The stage AWAITING_APPROVAL: see how the request stands. The row only says where to go; the executor verifies."""

from django.db import transaction

from agents.leases import Lease, locked
from agents.models import Remediation
from agents.moves import record, record_move
from agents.services.fail import fail
from agents.services.watch_meanwhile import watch_meanwhile
from approvals.models import ApprovalRequest, RequestState
from approvals.selectors import successor_of
from audit import ledger
from connectors.assents import outside
from core import clock
from core.actors import EXECUTOR, PLANNER
from proof.documents import parse_change

MAX_REVISIONS = 3


def await_decision(lease: Lease) -> None:
    """Go on where the request is settled; watch the symptom where it is not.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = Remediation.objects.get(pk=lease.remediation_id)
    request = ApprovalRequest.objects.filter(pk=remediation.request_id or 0).first()
    if request is not None and (request.state == RequestState.PENDING or _opens_later(request) or _waits(request)):
        watch_meanwhile(lease, request)
    else:
        _go_on(lease)


def _opens_later(request: ApprovalRequest) -> bool:
    """Whether it was granted for a window that has yet to open; until then it may be rejected or taken back."""
    later = request.not_before is not None and request.not_before > clock.now()
    return later and request.state == RequestState.GRANTED


def _waits(request: ApprovalRequest) -> bool:
    """Whether it was granted here and still waits for an approval outside; while it may begin at all."""
    if request.state != RequestState.GRANTED or clock.now() > request.execute_by:
        return False
    return bool(outside(request.change_id, parse_change(ledger.fetch(request.change_id)).environment).waits)


@transaction.atomic
def _go_on(lease: Lease) -> None:
    remediation = locked(lease)
    request = ApprovalRequest.objects.filter(pk=remediation.request_id or 0).first()
    state = request.state if request is not None else None
    newer = successor_of(request) if request is not None and state == RequestState.VOIDED else None
    if newer is not None:
        _adopt(remediation, newer)
    elif request is not None and state == RequestState.GRANTED and (no := _refused_outside(request)):
        fail(remediation.pk, actor=PLANNER, reason="rejected", note=f"{no} {request.change.intent}.")
    elif request is not None and state == RequestState.GRANTED:
        _execute(remediation, request)
    elif state == RequestState.VOIDED and remediation.revision < MAX_REVISIONS:
        remediation.plan()
        record_move(remediation, actor=PLANNER, verb="remediation.replanned", due_at=clock.now())
    else:
        reason, note = _why(request)
        fail(remediation.pk, actor=PLANNER, reason=reason, note=note)


def _refused_outside(request: ApprovalRequest) -> str:
    return outside(request.change_id, parse_change(ledger.fetch(request.change_id)).environment).refused


def _adopt(remediation: Remediation, newer: ApprovalRequest) -> None:
    """A person edited the plan: what they made of it is what is waited for now."""
    remediation.revision += 1
    remediation.change_digest = newer.change_id
    remediation.request_id = newer.pk
    record_move(
        remediation,
        actor=PLANNER,
        verb="remediation.adopted",
        due_at=clock.now(),
        facts={"request": newer.pk, "intent": newer.change.intent},
        documents={"change": newer.change_id},
        doing=newer.sentence,
    )


def _execute(remediation: Remediation, request: ApprovalRequest) -> None:
    remediation.execute()
    if request.route == "notify":
        notice = f"Runs with a notice: {request.change.intent}. {request.sentence}"
        record(remediation, actor=PLANNER, verb="notice.given", facts={"notice": notice})
    record_move(
        remediation,
        actor=EXECUTOR,
        verb="remediation.executing",
        due_at=clock.now(),
        facts={"request": request.pk, "route": request.route},
    )


def _why(request: ApprovalRequest | None) -> tuple[str, str]:
    if request is None:
        return "could-not-act", "The request for approval is gone, so nothing may run."
    if request.state == RequestState.REJECTED:
        said = request.decisions.filter(verdict="reject").exclude(comment="").order_by("decided_at").first()
        because = f" “{said.comment}”" if said is not None else ""
        return "rejected", f"The change was rejected: {request.change.intent}.{because}"
    if request.state == RequestState.EXPIRED:
        return "expired", f"Nobody signed in time: {request.change.intent}. Running out of time never approves."
    if request.state == RequestState.WITHDRAWN:
        return "could-not-act", f"The request was withdrawn: {request.change.intent}."
    return "could-not-act", "The change or the policy under it changed too often; a person decides."
