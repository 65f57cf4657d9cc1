"""What policy may do alone: as often as it may, not where it was taken back twice, never while people hold it."""

import json
import os

import pytest

from agents.execution import uses
from agents.models import Remediation
from audit import keystore
from audit.models import Entry
from audit.services.sequence import sequence_all
from core import clock
from core.errors import ConsoleError, NotPermittedError
from tests.agents.execution.brink import carry_on, on_the_brink

TRIES = int(os.environ.get("TRIES", "30"))


@pytest.fixture
def key_in_hand(settings, monkeypatch):
    """Mallory holds the policy service's key: nobody counts, and nobody asks the safeguards, before it signs."""
    monkeypatch.setattr("approvals.policy_signer._count", lambda *_: None)
    monkeypatch.setattr("approvals.rulings._spent", lambda *_: {"recent": 0, "recent_on_target": 0, "spent": False})
    settings.CHANGE_GUARD = "tests.approvals.plans.nothing_against"


def ended(remediation):
    """Done, so that the next one need not wait for it."""
    Remediation.objects.filter(pk=remediation.pk).update(state="COMPLETED")
    for use in [uses.find_run(f"run:{run.pk}/remediation:{remediation.pk}", run.change_digest) for run in
                Remediation.objects.get(pk=remediation.pk).runs.all()]:  # fmt: skip
        if use is not None:
            uses.spend(use.nonce)


def try_restarts(world, number):
    for _ in range(number):
        remediation = on_the_brink()
        ended(carry_on(remediation, rounds=3))
    return len(world.restarts)


def test_with_the_key_in_hand_only_the_hourly_allowance_runs_and_an_alarm_is_raised(world, cast, key_in_hand):
    from approvals.bundles import in_force

    allowed = in_force().policy.auto_per_target_per_hour

    assert try_restarts(world, min(TRIES, allowed + 6)) == allowed

    alarms = Entry.objects.filter(verb="alarm.raised", subject="alarm:allowance")
    assert alarms.count() == 1
    assert "within the hour" in json.loads(bytes(alarms.get().facts))["sentence"]


@pytest.mark.scenario
def test_of_many_restarts_signed_with_the_key_in_hand_the_allowance_runs(world, cast, key_in_hand):
    from approvals.bundles import in_force

    number = int(os.environ.get("RESTARTS", "200"))  # RESTARTS=1000 takes five minutes
    assert try_restarts(world, number) == in_force().policy.auto_per_target_per_hour


def test_with_the_key_in_hand_a_high_change_does_not_run(world, cast, key_in_hand, monkeypatch):
    """She signs an automatic decision over a change that needs a person, and writes it where decisions stand."""
    from approvals import policy_signer
    from approvals.models import ApprovalRequest
    from approvals.services.decide_automatically import _question, _record
    from approvals.services.propose import propose
    from core.actors import PLANNER
    from incidents.models import Incident
    from tests.approvals.plans import rollback

    incident = Incident.objects.create(
        title="It hurts", severity="S1", service="payments", environment="lab", opened_at=clock.now(),
        began_at=clock.now(),
    )  # fmt: skip
    request = propose(rollback(incident=f"incident:{incident.pk}"), actor=PLANNER)
    monkeypatch.setattr(policy_signer, "_ruled_again", lambda *_: policy_signer.outcome(request.ruling))
    monkeypatch.setattr(policy_signer, "_require_scope", lambda *_: None)
    asked = {**request.ruling, "outcome": {**request.ruling["outcome"], "route": "auto"}}
    ApprovalRequest.objects.filter(pk=request.pk).update(ruling=asked)
    request = ApprovalRequest.objects.get(pk=request.pk)
    from django.db import transaction

    with transaction.atomic():
        _record(request, policy_signer.sign(_question(request, "")), None)
    assert keystore.exists("policy")
    remediation = Remediation.objects.create(
        incident_id=incident.pk, started_at=clock.now(), state="EXECUTING", change_digest=request.change_id,
        request_id=request.pk, due_at=clock.now(), stages={},
    )  # fmt: skip

    assert carry_on(remediation).state == "FAILED"
    assert "Policy may not decide this alone" in Remediation.objects.get().note


def test_one_at_a_time_on_a_service(world, cast):
    first, second = on_the_brink(), on_the_brink()
    assert carry_on(first).state == "VALIDATING"

    waiting = carry_on(second, rounds=3)

    assert waiting.state == "EXECUTING"
    assert "Another change runs on lab/checkout" in waiting.doing
    ended(first)
    assert carry_on(second).state == "VALIDATING"


def taken_back(number):
    """Changes on checkout that were taken back, as the log tells it."""
    from django.db import transaction

    from audit import ledger
    from core.actors import MONITOR

    for pk in range(1000, 1000 + number):
        with transaction.atomic():
            ledger.append(
                actor=MONITOR,
                verb="remediation.rolled_back",
                subject=f"remediation:{pk}",
                about=["target:lab/checkout"],
            )
    sequence_all()


def test_two_changes_taken_back_suspend_policy_there_until_a_person_signs(world, cast, monkeypatch):
    monkeypatch.setattr("approvals.rulings._taken_back", lambda _target: 0)  # a server that does not look
    taken_back(2)
    refused = carry_on(on_the_brink())
    assert (refused.state, world.restarts) == ("FAILED", [])
    assert "2 changes on lab/checkout were taken back" in refused.note

    cast.dan.act("resume-policy", "policy:alone")

    assert carry_on(on_the_brink()).state == "VALIDATING"


def test_one_change_taken_back_suspends_nothing_and_what_people_sign_runs_anyway(world, cast):
    taken_back(1)
    assert carry_on(on_the_brink()).state == "VALIDATING"
    taken_back(2)
    assert carry_on(on_the_brink(signer=cast.ben)).state == "VALIDATING"


def test_where_policy_is_suspended_a_person_is_asked(world, cast):
    from approvals.services.propose import propose
    from core.actors import PLANNER
    from tests.approvals.plans import restart

    taken_back(2)

    request = propose(restart(), actor=PLANNER)

    assert (request.state, request.needed) == ("PENDING", 1)


def test_while_somebody_holds_the_agents_nothing_begins_and_then_it_goes_on(world, cast):
    remediation = on_the_brink(signer=cast.ben)
    cast.ada.act("hold-agents", "agents:all")

    waiting = carry_on(remediation, rounds=3)
    assert (waiting.state, world.restarts) == ("EXECUTING", [])
    assert "holds all agents" in waiting.doing
    assert waiting.attempts == 0

    cast.dan.act("release-agents", "agents:all")
    assert carry_on(remediation).state == "VALIDATING"


def test_who_may_hold_and_who_may_let_go(world, cast):
    """agents.services.hold_agents asks the signed registry."""
    with pytest.raises(NotPermittedError):
        cast.mallory.act("hold-agents", "agents:all")
    with pytest.raises(NotPermittedError):
        cast.ada.act("release-agents", "agents:all")
    with pytest.raises(ConsoleError, match="is about agents:all"):
        cast.dan.act("hold-agents", "agents:some")


def test_the_hold_of_a_row_or_an_entry_without_a_signature_holds_nothing(world, cast):
    from django.db import transaction

    from audit import ledger
    from core.actors import SYSTEM

    remediation = on_the_brink(signer=cast.ben)
    junk = ledger.keep("application/json", b'{"a":1}')
    with transaction.atomic():
        ledger.append(actor=SYSTEM, verb="act.recorded", subject="agents:all", documents={"sidecar": junk})

    assert carry_on(remediation).state == "VALIDATING"


def test_the_rate_is_not_counted_from_rows(world, cast, key_in_hand):
    from agents.models import Run, StepRun
    from approvals.bundles import in_force
    from approvals.models import ApprovalRequest

    allowed = in_force().policy.auto_per_target_per_hour
    for _ in range(allowed):
        remediation = on_the_brink()
        ended(carry_on(remediation))
    StepRun.objects.all().delete()
    Run.objects.all().delete()
    ApprovalRequest.objects.update(route="single")

    assert carry_on(on_the_brink()).state == "FAILED"
    assert len(world.restarts) == allowed
