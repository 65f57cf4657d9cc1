"""Overrides at the executor: it reads role, time, objections and open reviews from the log, whatever rows say (H16)."""

import pytest

from approvals.models import ApprovalRequest, Decision, Override
from approvals.services.change_registry import bring_in_step
from approvals.services.propose import propose
from approvals.services.revoke_key import revoke_key
from audit.models import Document
from audit.services.sequence import sequence_all
from core.actors import PLANNER, SYSTEM, Role
from people.services.withdraw_role import withdraw_role
from tests.agents.execution.brink import carry_on, on_the_brink, restarts
from tests.agents.execution.refusal import force
from tests.agents.execution.test_alone import ended
from tests.approvals.decisions import decide
from tests.approvals.overriders import Overrider
from tests.approvals.plans import restart


@pytest.fixture
def oda(cast):
    return Overrider(cast.oda)


@pytest.fixture
def forgetful(monkeypatch):
    """A server that sees no override, and so nothing against another."""
    monkeypatch.setattr("approvals.overriding.open_digests", frozenset)


def taken_on(overrider, slug="checkout"):
    """A restart that nobody signed, taken on by one person."""
    sequence_all()
    return on_the_brink((slug,), overrider=overrider, confidence=0.6)


def refused(world, remediation, why, *, ran=()):
    found = carry_on(remediation)
    assert (found.state, world.restarts) == ("FAILED", list(ran)), found.note
    assert why in found.note


def test_what_one_person_took_on_runs_so_that_the_attacks_below_prove_something(world, oda):
    assert carry_on(taken_on(oda)).state == "VALIDATING"
    assert world.restarts == ["checkout"]


def test_a_second_one_before_the_review_is_refused_though_the_server_forgot_the_first(world, oda, forgetful):
    ended(carry_on(taken_on(oda)))
    second = taken_on(oda, "payments")

    refused(world, second, "one at a time", ran=["checkout"])


def test_deleting_the_rows_of_the_first_does_not_let_the_second_run(world, oda, owner, forgetful):
    ended(carry_on(taken_on(oda)))
    Override.objects.all().delete()
    Decision.objects.filter(is_override=True).delete()

    refused(world, taken_on(oda, "payments"), "one at a time", ran=["checkout"])


def test_after_the_review_by_two_others_the_next_one_runs(world, cast, oda):
    ended(carry_on(taken_on(oda)))
    override = Override.objects.get()
    for member in (cast.ben, cast.cleo):
        member.act("review-override", f"override:{override.pk}", override=override.pk, verdict="upheld", note="")

    assert carry_on(taken_on(oda, "payments")).state == "VALIDATING"


def test_one_that_was_not_used_in_time_is_refused(world, oda, shifted):
    remediation = taken_on(oda)
    shifted(3_700)

    refused(world, remediation, "not used in time")


def test_whoever_lost_the_role_before_it_ran_overrides_nothing(world, cast, oda):
    remediation = taken_on(oda)
    withdraw_role("oda", Role.OVERRIDE, actor=SYSTEM)
    bring_in_step(cast.oda.person, actor=SYSTEM, why="role.withdrawn")

    refused(world, remediation, "does not give them the role")


def test_a_revoked_key_overrides_nothing(world, oda):
    remediation = taken_on(oda)
    revoke_key(oda.key_id, actor=SYSTEM, why="stolen")

    refused(world, remediation, "has been revoked")


def test_a_rejection_between_override_and_run_stops_it(world, cast, oda):
    remediation = taken_on(oda)
    decide(ApprovalRequest.objects.get(pk=remediation.request_id), cast.ben, "reject", "No.")
    force(remediation, state="EXECUTING", request_id=remediation.request_id)

    refused(world, remediation, "do not allow it (REJECTED)")


def test_an_override_of_one_change_runs_no_other(world, oda):
    remediation = taken_on(oda)
    wanted = {"steps": restarts("payments"), "autonomy": "suggest", "confidence": 0.6}
    other = propose(restart(incident=f"incident:{remediation.incident_id}", **wanted), actor=PLANNER)
    Decision.objects.filter(is_override=True).update(request=other, change_digest=other.change_id)
    Override.objects.update(request=other)
    force(remediation, change_digest=other.change_id, request_id=other.pk)

    refused(world, remediation, "do not allow it (PENDING)")


def test_a_changed_signature_overrides_nothing(world, oda, owner):
    remediation = taken_on(oda)
    sidecar = Document.objects.get(pk=Decision.objects.get(is_override=True).sidecar_sha256)
    Document.objects.filter(pk=sidecar.pk).update(content=bytes(sidecar.content).replace(b"webauthn", b"webauthm"))

    found = carry_on(remediation)

    assert (found.state, world.restarts) == ("FAILED", [])
