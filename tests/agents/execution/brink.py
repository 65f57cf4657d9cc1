"""Changes on the brink of running, made without a diagnosis: restarts that a person signed, or that policy did."""

from agents.models import Remediation
from agents.models.remediation import ACTING
from agents.services.advance import advance
from approvals.models import ApprovalRequest
from approvals.services.propose import propose
from audit.services.sequence import sequence_all
from core import clock
from core.actors import PLANNER
from incidents.models import Incident
from tests.agents.test_loop import sign
from tests.approvals.plans import restart, step


def restarts(*slugs):
    """Steps that restart these services one after the other."""
    made = [step("restart-service", f"lab/{slug}", process=slug) for slug in slugs]
    return [{**one, "index": number} for number, one in enumerate(made)]


def on_the_brink(slugs=("checkout",), *, signer=None, overrider=None, **draft):
    """A remediation that is due to run: signed, or taken on by one person, or decided by policy alone."""
    incident = Incident.objects.create(
        title="It hurts",
        severity="S2",
        service=slugs[0],
        environment="lab",
        opened_at=clock.now(),
        began_at=clock.now(),
    )
    autonomy = "act" if signer is None and overrider is None else "suggest"
    wanted = {"steps": restarts(*slugs), "autonomy": autonomy, "incident": f"incident:{incident.pk}", **draft}
    request = propose(restart(**wanted), actor=PLANNER)
    if signer is not None:
        sign(request.pk, signer)
    if overrider is not None:
        overrider.override(request)
    assert ApprovalRequest.objects.get(pk=request.pk).state == "GRANTED"
    return Remediation.objects.create(
        incident_id=incident.pk,
        started_at=clock.now(),
        state="EXECUTING",
        change_digest=request.change_id,
        request_id=request.pk,
        due_at=clock.now(),
        stages={},
    )


def carry_on(remediation, *, until=("VALIDATING", "FAILED", "ROLLED_BACK"), rounds=8):
    """Let the executor do what it can; the log takes entries in between."""
    for _ in range(rounds):
        sequence_all()
        advance(remediation.pk, ACTING)
        remediation = Remediation.objects.get(pk=remediation.pk)
        if remediation.state in until:
            return remediation
    return remediation
