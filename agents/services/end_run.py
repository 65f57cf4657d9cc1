"""End a run: it was refused, failed, was stopped or taken back; the result is signed by the executor and logged."""

from datetime import datetime

from django.db import transaction

from agents.execution import records, uses
from agents.execution.intents import name_of
from agents.leases import Lease, locked
from agents.models import Remediation, Run, RunState
from agents.moves import record
from agents.services.fail import fail
from agents.services.roll_back import roll_back
from core import clock
from core.actors import EXECUTOR, Actor
from proof.documents.run import REFUSED


@transaction.atomic
def end_run(lease: Lease, run: Run, outcome: str, *, actor: Actor, note: str, reason: str = "") -> None:
    """Close a run and its remediation: FAILED with a reason, else ROLLED_BACK.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = locked(lease)
    run.state, run.ended_at = RunState.FAILED if reason else RunState.COMPENSATED, clock.now()
    run.save(update_fields=["state", "ended_at"])
    tell_result(remediation, run, outcome, actor=EXECUTOR)
    if reason:
        fail(remediation.pk, actor=actor, reason=reason, note=note)
    else:
        roll_back(remediation.pk, actor=actor, note=note)


@transaction.atomic
def refuse_run(lease: Lease, run: Run | None, why: str) -> None:
    """Record why the executor does not do it, and call a person.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = locked(lease)
    if run is None:
        run = Run.objects.filter(change_digest=remediation.change_digest).first()
        if run is not None and run.remediation_id != remediation.pk:
            run = None
        elif run is None:
            run = Run(remediation=remediation, change_digest=remediation.change_digest, started_at=clock.now())
    about = [f"change:{remediation.change_digest}"]
    if run is not None:
        run.state, run.refusal, run.ended_at = RunState.FAILED, why[:500], clock.now()
        run.save()
        about.append(f"run:{run.pk}")
        tell_result(remediation, run, REFUSED, actor=EXECUTOR)
    facts = {"why": why, "digest": remediation.change_digest}
    record(remediation, actor=EXECUTOR, verb="run.refused", facts=facts, about=about)
    fail(remediation.pk, actor=EXECUTOR, reason="could-not-act", note=f"The executor refused. {why}")
    if run is not None:
        use = uses.find_run(name_of(run), run.change_digest)
        if use is not None:
            transaction.on_commit(lambda: uses.spend(use.nonce))


def tell_result(
    remediation: Remediation, run: Run, outcome: str, *, actor: Actor, watching_since: datetime | None = None
) -> None:
    """Sign how it ended and write that down, in the transaction that ends it."""
    use = uses.find_run(name_of(run), run.change_digest)
    intent = use.intent if use is not None else ""
    result = records.sign_result(run, outcome, intent=intent, watching_since=watching_since)
    record(
        remediation,
        actor=actor,
        verb="executor.result",
        facts={"run": run.pk, "outcome": outcome},
        documents={"result": result},
        about=[f"change:{run.change_digest}", f"run:{run.pk}"],
    )
