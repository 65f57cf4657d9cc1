"""While a request waits for signatures or its window: keep reading the symptom, and stop when it has gone by itself."""

from django.db import transaction

from agents.leases import Lease, locked
from agents.models import Reading, Remediation
from agents.services.fail import fail
from agents.services.pause import pause
from agents.symptom import healthy_for, is_healthy, read
from approvals.models import ApprovalRequest
from audit import ledger
from connectors.assents import WAITS
from core import clock
from core.actors import MONITOR
from incidents.models import Incident
from incidents.selectors import LIVE
from incidents.services.resolve_if_quiet import resolve_if_quiet
from proof.documents import Verification, parse_change

CLOSELY_FOR_S = 600.0
CLOSELY_EVERY_S = 5.0
LATER_EVERY_S = 30.0
MIN_WAIT_S = 0.5


def watch_meanwhile(lease: Lease, request: ApprovalRequest) -> None:
    """Read the symptom once; withdraw the request if nothing is wrong any more, else look again later.

    Raises:
        LostLeaseError: Another worker has it by now.
        TamperedError: The change's bytes are not what was frozen.
    """
    change = parse_change(ledger.fetch(request.change_id))
    value = read(change.environment, change.verification)
    if _gone(lease, change.verification, value):
        return
    waited = (clock.now() - request.created_at).total_seconds()
    again = max(change.verification.every_s, CLOSELY_EVERY_S if waited < CLOSELY_FOR_S else LATER_EVERY_S)
    if request.not_before is not None and not request.is_pending:
        again = min(again, max(MIN_WAIT_S, (request.not_before - clock.now()).total_seconds()))
    pause(lease, for_s=again, doing=_waits_for(request))


def _waits_for(request: ApprovalRequest) -> str:
    if request.is_pending:
        return request.sentence
    if request.not_before is None:
        return WAITS
    if request.not_before <= clock.now():
        return WAITS
    return f"Approved; it runs in its window, from {request.not_before:%H:%M} UTC on."


@transaction.atomic
def _gone(lease: Lease, wanted: Verification, value: float | None) -> bool:
    """Store the reading; end the remediation if the symptom has stayed away and none of its alerts fires."""
    remediation = locked(lease)
    healthy = value is not None and is_healthy(value, wanted)
    Reading.objects.create(remediation=remediation, at=clock.now(), value=value, healthy=healthy)
    held = healthy_for(remediation, since=clock.from_rfc3339(remediation.stages["AWAITING_APPROVAL"]))
    if held is None or held < wanted.hold_s or _fires(remediation):
        return False
    note = (
        f"The symptom went away before anybody signed: {wanted.sentence} Nothing was done; nothing needs a signature."
    )
    fail(remediation.pk, actor=MONITOR, reason="recovered", note=note)
    resolve_if_quiet(remediation.incident_id, actor=MONITOR)
    return True


def _fires(remediation: Remediation) -> bool:
    incident = Incident.objects.get(pk=remediation.incident_id)
    return incident.alerts.filter(status__in=LIVE).exists()
