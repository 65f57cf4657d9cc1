"""What somebody who owns the database, but none of the keys, may try: nothing of it makes the executor act."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from agents.execution import uses
from agents.execution.pins import Pins, pins, raise_pins
from agents.models import Remediation, Run, StepRun
from approvals import bundles
from approvals.models import ApprovalRequest, Decision, PolicyVersion, RegistryVersion
from audit import keystore, ledger
from audit.models import Document, Entry
from core import clock
from core.errors import RefusedError
from incidents.models import Incident, Service
from proof import canonical
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD, parse_change
from proof.keys import pem_of
from proof.signatures import sign_detached
from tests.agents.test_loop import sign
from tests.agents.world import fire


@pytest.fixture
def owner():
    """The owner of the database: the append-only triggers are gone."""
    with connection.cursor() as cursor:
        for statement in import_module("audit.migrations.0002_guards").removals(connection.vendor):
            cursor.execute(statement)


@pytest.fixture
def granted(world, work, cast):
    """A revert that Ben has signed, and that the executor is about to carry out."""
    world.break_config()
    fire("payments")
    sign(work().request_id, cast.ben)
    return work("EXECUTING")


@pytest.fixture
def waiting(world, work):
    """A revert that nobody has signed."""
    world.break_config()
    fire("payments")
    return work()


def assert_refused(world, ended, why):
    assert (ended.state, ended.reason) == ("FAILED", "could-not-act"), ended.note
    assert why in ended.note
    assert world.config() == {"timeout_ms": 25}
    assert not StepRun.objects.filter(direction="act").exclude(result={}).exists()
    refused = Entry.objects.get(verb="run.refused")
    assert why in json.loads(bytes(refused.facts))["why"]
    assert Incident.objects.get(pk=ended.incident_id).called_at is not None


def force(remediation, **columns):
    Remediation.objects.filter(pk=remediation.pk).update(due_at=clock.now(), **columns)


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


def test_a_forged_registry_is_refused_once_the_root_is_pinned(granted, world, work, owner):
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=1))
    mallory = Ed25519PrivateKey.generate()
    for row in RegistryVersion.objects.order_by("version"):
        document = canonical.loads(ledger.fetch(row.sha256), max_bytes=4_000_000)
        document["root"] = {"public": pem_of(mallory.public_key()), "key_id": canonical.sha256(b"x")}
        content = canonical.dumps(document, max_bytes=4_000_000)
        RegistryVersion.objects.filter(pk=row.pk).update(
            sha256=ledger.keep(REGISTRY_PAYLOAD, content),
            signature_sha256=ledger.keep("application/json", sign_detached(mallory, REGISTRY_PAYLOAD, content)),
        )

    assert_refused(world, work(), "registry does not hold")


def test_a_registry_that_went_back_in_time_is_refused(granted, world, work):
    newest = RegistryVersion.objects.latest("version").version
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=newest + 1, policy_version=1))

    assert_refused(world, work(), f"version {newest + 1} is known to exist")


def policy_with(signer, **changes):
    current = bundles.in_force()
    document = canonical.loads(current.content, max_bytes=1_000_000) | changes
    content = canonical.dumps(document, max_bytes=1_000_000)
    return ledger.keep(POLICY_PAYLOAD, content), ledger.keep(
        "application/json", sign_detached(signer, POLICY_PAYLOAD, content)
    )


def test_a_lowered_policy_that_the_root_did_not_sign_is_refused(waiting, world, work):
    sha256, signature = policy_with(Ed25519PrivateKey.generate(), version=2, protected_targets=[])
    PolicyVersion.objects.create(version=2, sha256=sha256, signature_sha256=signature, created_at=clock.now())
    force(waiting, state="EXECUTING")

    assert_refused(world, work(), "policy is not signed")


def test_an_older_policy_than_the_executor_knows_is_refused(granted, world, work):
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=9))

    assert_refused(world, work(), "but 9 is in force")


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
    world.leak()
    fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "within the hour" in ended.note
    assert world.restarts == []


def test_the_first_use_pins_the_root_and_versions_only_rise(granted, work):
    assert pins() == Pins()
    work()

    assert pins().root_public == keystore.public_pem("root")
    assert pins().registry_version >= 1
    with pytest.raises(RefusedError, match="another root"):
        raise_pins(Pins(root_public="other", registry_version=9, policy_version=9))
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=0))
    assert pins().policy_version == 1


def test_unreadable_pins_trust_nobody(granted, world, work, settings):
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    (settings.STATE_DIR / "pins.json").write_text("{", encoding="utf-8")

    assert_refused(world, work(), "pins")
