"""While nobody has signed yet: the symptom is watched, and the question is taken back when it has no point any more."""

from agents.models import Reading, Remediation
from agents.services.advance import advance
from agents.services.reconcile import reconcile
from approvals.models import ApprovalRequest
from incidents.events import Status
from incidents.models import Incident
from tests.agents.world import fire


def look_on(remediation, shifted, seconds):
    """Let this much time pass; only what the reconciler finds due is advanced, as in a running console."""
    for _ in range(int(seconds / 5)):
        shifted(5.1)
        for due in reconcile():
            advance(due)
    return Remediation.objects.get(pk=remediation.pk)


def test_the_symptom_is_read_while_a_plan_waits_for_a_signature(world, work, shifted):
    world.break_config()
    fire("payments")
    waiting = work()

    still = look_on(waiting, shifted, 20)

    assert still.state == "AWAITING_APPROVAL"
    assert Reading.objects.filter(remediation=still, healthy=False).count() >= 4


def test_a_request_is_withdrawn_when_the_symptom_went_away_by_itself(world, work, shifted):
    world.break_config()
    incident = fire("payments")
    waiting = work()

    world.measures.clear()
    fire("payments", status=Status.RESOLVED)
    ended = look_on(waiting, shifted, 40)

    assert (ended.state, ended.reason) == ("FAILED", "recovered")
    assert ApprovalRequest.objects.get(pk=ended.request_id).state == "WITHDRAWN"
    over = Incident.objects.get(pk=incident.pk)
    assert (over.state, over.called_at) == ("RESOLVED", None)
    assert world.config() == {"timeout_ms": 25}


def test_a_symptom_that_looks_better_while_its_alert_fires_is_still_asked_about(world, work, shifted):
    world.break_config()
    fire("payments")
    waiting = work()

    world.measures.clear()
    still = look_on(waiting, shifted, 40)

    assert still.state == "AWAITING_APPROVAL"
    assert ApprovalRequest.objects.get(pk=still.request_id).state == "PENDING"


def test_a_silent_monitor_is_not_recovery(world, work, shifted):
    world.break_config()
    fire("payments")
    waiting = work()

    world.down.add("prometheus")
    fire("payments", status=Status.RESOLVED)
    still = look_on(waiting, shifted, 40)

    assert still.state == "AWAITING_APPROVAL"
