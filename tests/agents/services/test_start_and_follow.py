"""How a remediation begins, what wakes it, and that every bell may ring twice."""

import pytest

from agents import tasks
from agents.models import Remediation
from agents.services.complete import complete
from agents.services.follow import FOLLOWER, follow
from agents.services.reconcile import reconcile
from agents.services.roll_back import roll_back
from agents.services.start import start
from approvals.models import ApprovalRequest
from audit.models import Cursor, Entry, Leaf
from audit.services.sequence import sequence_all
from core import clock
from core.actors import MONITOR, SYSTEM, TRIAGE
from core.errors import NotFoundError, WrongStateError
from incidents.models import Incident
from incidents.services.resolve import resolve
from incidents.services.take_over import take_over
from tests.agents.test_loop import sign
from tests.agents.world import fire


def test_an_opened_incident_starts_one_remediation_however_often_the_bell_rings(world):
    fire("checkout")
    sequence_all()
    for _ in range(3):
        tasks.follow()

    assert Remediation.objects.get().state == "INITIATED"
    assert Entry.objects.filter(verb="remediation.started").count() == 1


def test_starting_again_returns_the_one_under_way(world):
    incident = fire("checkout")

    assert start(incident.pk, actor=TRIAGE) == start(incident.pk, actor=TRIAGE)


def test_nothing_starts_for_an_incident_that_is_over_or_held(world, cast):
    over = fire("checkout")
    resolve(over.pk, actor=SYSTEM, why="It went away.")
    held = fire("checkout", fingerprint="2")
    take_over(held.pk, actor=cast.ada.actor)

    assert held.pk != over.pk
    assert start(over.pk, actor=TRIAGE) is None
    assert start(held.pk, actor=TRIAGE) is None


def test_there_is_nothing_to_start_for_an_incident_that_is_not(world):
    with pytest.raises(NotFoundError):
        start(4711, actor=TRIAGE)


def test_an_incident_resolved_by_somebody_else_stops_the_agents(world, work, cast):
    world.break_config()
    incident = fire("payments")
    work()
    resolve(incident.pk, actor=cast.ada.actor, why="Fixed by hand.")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "taken-over")


def test_a_grant_that_nobody_noticed_is_found_by_the_reconciler(world, work, cast):
    world.break_config()
    fire("payments")
    waiting = work()
    sign(waiting.request_id, cast.ben)
    Remediation.objects.update(due_at=None, lease_until=None)

    assert reconcile() == [waiting.pk]


def test_a_voided_request_is_planned_anew_and_then_given_up(world, work):
    from approvals.services.void import void
    from core.actors import POLICY

    world.break_config()
    fire("payments")
    digests = set()
    for _ in range(3):
        waiting = work()
        assert waiting.state == "AWAITING_APPROVAL"
        digests.add(waiting.change_digest)
        void(waiting.request_id, actor=POLICY, why="The policy changed.")

    ended = work()

    assert len(digests) == 3
    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "changed too often" in ended.note


def test_tasks_may_run_twice_at_every_stage(world, work, cast):
    world.leak()
    fire("checkout")
    sequence_all()
    for _ in range(12):
        tasks.reconcile()
        for pk in Remediation.objects.values_list("pk", flat=True):
            tasks.advance(pk)
            tasks.advance(pk)
        sequence_all()

    work()
    assert Remediation.objects.get().state == "COMPLETED"
    assert world.restarts == ["checkout"]


def test_only_what_is_being_validated_completes_and_only_what_was_done_rolls_back(world):
    remediation = start(fire("checkout").pk, actor=TRIAGE)

    with pytest.raises(WrongStateError):
        complete(remediation.pk, actor=MONITOR, note="x")
    with pytest.raises(WrongStateError):
        roll_back(remediation.pk, actor=MONITOR, note="x")


def test_completing_leaves_an_incident_that_was_resolved_already_alone(world):
    remediation = start(fire("checkout").pk, actor=TRIAGE)
    resolve(remediation.incident_id, actor=SYSTEM, why="It went away.")
    Remediation.objects.update(state="VALIDATING")

    complete(remediation.pk, actor=MONITOR, note="It helped.")

    assert Incident.objects.get().resolved_by == SYSTEM.id
    assert Remediation.objects.get().ended_at <= clock.now()


def test_entries_that_are_not_the_agents_business_change_nothing(world):
    follow()
    sequence_all()
    assert follow() == 0
    assert Cursor.objects.get(pk=FOLLOWER).seq == Leaf.objects.count()
    assert not Remediation.objects.exists()
    assert not ApprovalRequest.objects.exists()
