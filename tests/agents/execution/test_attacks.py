"""What somebody who owns the database, but none of the keys, may try: nothing of it makes the executor act."""

from datetime import timedelta

from django.db import transaction

from agents.execution import uses
from agents.models import Remediation, Run, StepRun
from approvals.models import ApprovalRequest, Decision
from audit import ledger
from audit.models import Document
from core import clock
from core.actors import PLANNER
from incidents.models import Incident, Service
from proof.documents import parse_change
from tests.agents.execution.refusal import assert_refused, force
from tests.agents.test_loop import sign
from tests.agents.world import fire


def test_a_signed_change_runs_so_that_the_attacks_below_prove_something(granted, world, work):
    assert work().state == "COMPLETED"
    assert world.config() == {"timeout_ms": 800}


def test_changed_bytes_of_the_change_stop_it(granted, world, work, owner):
    row = Document.objects.get(pk=granted.change_digest)
    Document.objects.filter(pk=row.pk).update(content=bytes(row.content).replace(b"lab/payments", b"lab/checkout"))

    assert_refused(world, work(), "cannot be read as it was signed")


def test_changed_bytes_under_their_own_digest_have_no_signature(granted, world, work, owner):
    content = bytes(Document.objects.get(pk=granted.change_digest).content).replace(b'"main"', b'"prod"')
    forged = ledger.keep("application/json", content)
    force(granted, change_digest=forged)

    assert_refused(world, work(), "log does not hold this change")


def test_changed_bytes_that_somebody_writes_into_the_log_have_no_signature(granted, world, work, owner):
    content = bytes(Document.objects.get(pk=granted.change_digest).content).replace(b'"main"', b'"prod"')
    forged = ledger.keep("application/json", content)
    with transaction.atomic():
        ledger.append(actor=PLANNER, verb="change.frozen", subject=f"change:{forged}", documents={"change": forged})
    force(granted, change_digest=forged)

    assert_refused(world, work(), "signatures do not allow it")


def test_a_state_set_by_hand_approves_nothing(waiting, world, work):
    ApprovalRequest.objects.filter(pk=waiting.request_id).update(state="GRANTED")
    force(waiting)

    assert_refused(world, work(), "signatures do not allow it (PENDING)")


def test_a_remediation_pushed_past_approval_runs_nothing(waiting, world, work):
    force(waiting, state="EXECUTING")

    assert_refused(world, work(), "signatures do not allow it")


def test_a_remediation_pointed_at_another_incidents_approval_runs_nothing(granted, world, work, owner):
    other = Incident.objects.create(
        title="Another",
        severity="S1",
        service="payments",
        environment="lab",
        opened_at=clock.now(),
        began_at=clock.now(),
    )
    Remediation.objects.filter(pk=granted.pk).update(state="FAILED")
    moved = Remediation.objects.create(
        incident_id=other.pk,
        started_at=clock.now(),
        change_digest=granted.change_digest,
        due_at=clock.now(),
        state="EXECUTING",
    )

    work()

    moved = Remediation.objects.get(pk=moved.pk)
    assert_refused(world, moved, "not for incident:")


def test_a_plan_row_that_says_something_else_stops_it(granted, world, work):
    step = parse_change(ledger.fetch(granted.change_digest)).steps[0]
    run = Run.objects.create(remediation=granted, change_digest=granted.change_digest, started_at=clock.now())
    StepRun.objects.create(
        run=run, index=0, title="Revert everything", command="rm", key=step.idempotency_key, started_at=clock.now()
    )

    assert_refused(world, work(), "does not say what was signed")


def test_a_step_recorded_as_done_that_left_no_mark_stops_it(granted, world, work):
    step = parse_change(ledger.fetch(granted.change_digest)).steps[0]
    run = Run.objects.create(remediation=granted, change_digest=granted.change_digest, started_at=clock.now())
    StepRun.objects.create(
        run=run,
        index=0,
        title=step.title,
        command=step.command,
        key=step.idempotency_key,
        state="SUCCEEDED",
        started_at=clock.now(),
    )

    assert_refused(world, work(), "no mark of it")


def test_a_changed_decision_row_or_sidecar_stops_it(granted, world, work, owner):
    decision = Decision.objects.get()
    sidecar = Document.objects.get(pk=decision.sidecar_sha256)
    Document.objects.filter(pk=sidecar.pk).update(content=bytes(sidecar.content)[:-9] + b'garbage"}')

    ended = work()

    assert ended.state == "FAILED"
    assert world.config() == {"timeout_ms": 25}


def test_a_rejection_turned_into_an_approval_in_its_row_changes_nothing(waiting, world, work, cast):
    sign(waiting.request_id, cast.ben, "reject", "no")
    Decision.objects.update(verdict="approve")
    ApprovalRequest.objects.filter(pk=waiting.request_id).update(state="GRANTED")
    force(waiting)

    assert_refused(world, work(), "signatures do not allow it (REJECTED)")


def test_a_change_whose_time_is_over_is_refused(granted, world, work, shifted):
    shifted(9 * 3600)

    assert_refused(world, work(), "had to start by")


def test_a_used_change_is_not_run_a_second_time(granted, world, work, owner):
    assert work().state == "COMPLETED"
    world.commit("Tighten acquirer timeout again", timeout_ms=25)
    StepRun.objects.all().delete()
    Run.objects.all().delete()
    Incident.objects.update(state="OPEN")
    force(granted, state="EXECUTING", ended_at=None)

    assert_refused(world, work(), "was used already")


def test_an_unspent_nonce_of_another_run_is_refused_too(granted, world, work):
    change = parse_change(ledger.fetch(granted.change_digest))
    uses.reserve(
        uses.Use(
            nonce=change.nonce,
            change=granted.change_digest,
            run="run:9/remediation:9",
            at=clock.now(),
            targets=(),
            auto=False,
        )
    )

    assert_refused(world, work(), "was used already")


def test_another_executor_does_not_run_it(granted, world, work, settings):
    settings.AUDIENCE = "executor:prod"

    assert_refused(world, work(), "this executor is executor:prod")


def test_this_environments_executor_runs_it(granted, work, settings):
    settings.AUDIENCE = "executor:lab"

    assert work().state == "COMPLETED"


def test_a_target_that_drifted_since_the_signature_is_refused(granted, world, work):
    world.commit("Somebody else's change", path="payments/config.json", timeout_ms=25, other=1)

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "does not hold" in ended.note
    assert not any(subject.startswith("Revert") for subject in world.log())


def test_a_service_that_left_the_catalogue_is_no_target(granted, world, work):
    Service.objects.filter(slug="payments").delete()

    assert_refused(world, work(), "safeguards refuse")


def test_every_row_lowered_the_automatic_key_decides_no_high_change(world, work, cast):
    """A superuser calls everything harmless; the floor comes from signed limits, so a person is still asked (H1)."""
    easy = {"data": "public", "reversibility": "full", "blast": "single-user", "compliance": "none"}
    Service.objects.update(
        criticality="normal", stateless=True, factors={"*": {k: {"level": v, "note": ""} for k, v in easy.items()}}
    )
    world.break_config()
    fire("payments")

    waiting = work()

    assert waiting.state == "AWAITING_APPROVAL"
    assert ApprovalRequest.objects.get(pk=waiting.request_id).needed == 1


def test_the_automatic_key_is_held_to_its_hourly_allowance_by_the_executors_own_record(world, work):
    """Rows of earlier requests are gone; the executor counts its own (H4)."""
    for number in range(6):
        uses.reserve(
            uses.Use(
                nonce=f"{number:032x}",
                change="c",
                run=f"r{number}",
                at=clock.now() - timedelta(minutes=5),
                targets=("lab/checkout",),
                auto=True,
            )
        )
        uses.spend(f"{number:032x}")
    world.leak()
    fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "within the hour" in ended.note
    assert world.restarts == []
