"""Do one stage of a remediation."""

import logging
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from agents.leases import Lease, LostLeaseError, claim, kept, locked
from agents.models import RemediationState as S
from agents.models.remediation import WORKING
from agents.services.analyze import analyze, begin
from agents.services.await_decision import await_decision
from agents.services.execute import execute
from agents.services.fail import fail
from agents.services.pause import pause
from agents.services.plan import plan
from agents.services.validate import validate
from core.actors import DIAGNOSIS, EXECUTOR, MONITOR, PLANNER, TRIAGE, Actor
from core.errors import ConsoleError

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
STAGES: Mapping[str, tuple[Callable[[Lease], None], Actor]] = {
    S.INITIATED: (begin, TRIAGE),
    S.ANALYZING: (analyze, DIAGNOSIS),
    S.PLANNING: (plan, PLANNER),
    S.AWAITING_APPROVAL: (await_decision, PLANNER),
    S.EXECUTING: (execute, EXECUTOR),
    S.VALIDATING: (validate, MONITOR),
}


def advance(remediation_id: int, states: Sequence[str] = WORKING) -> bool:
    """Claim a remediation in one of these states, do its stage, give it back; False if it is not there to be claimed.

    Wherever this dies, the lease runs out and the reconciler rings again; what was stored stays, the rest is redone.
    """
    lease = claim(remediation_id, states)
    if lease is None:
        return False
    stage, actor = STAGES[lease.state]
    try:
        if lease.attempt > MAX_ATTEMPTS:
            _give_up(lease, actor, f"It stopped {MAX_ATTEMPTS} times in {lease.state} without an answer.")
        else:
            with kept(lease):
                stage(lease)
    except LostLeaseError as lost:
        log.warning("lease lost", extra={"remediation": remediation_id, "detail": lost.detail})
    except ConsoleError as error:
        log.warning("stage failed", extra={"remediation": remediation_id, "stage": lease.state, "detail": error.detail})
        _try_again(lease, actor, error.detail)
    return True


def _try_again(lease: Lease, actor: Actor, why: str) -> None:
    try:
        if lease.attempt >= MAX_ATTEMPTS:
            _give_up(lease, actor, f"It failed {lease.attempt} times in {lease.state}: {why}")
        else:
            pause(lease, for_s=float(2**lease.attempt), doing=f"Tries again: {why}", counts=True)
    except LostLeaseError as lost:
        log.warning("lease lost", extra={"remediation": lease.remediation_id, "detail": lost.detail})


@transaction.atomic
def _give_up(lease: Lease, actor: Actor, note: str) -> None:
    remediation = locked(lease)
    fail(remediation.pk, actor=actor, reason="could-not-act", note=note)
