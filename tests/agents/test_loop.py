"""The loop from alert to end, against a real repository and stand-ins for the rest, all stages by their services."""

from agents.models import Reading, Remediation, Run, StepRun
from approvals.models import ApprovalRequest
from approvals.services.issue_template import issue_template
from approvals.services.record_decision import record_decision
from audit.selectors import timeline
from core import clock
from incidents.models import Incident
from tests.agents.world import fire


def verbs(incident):
    return [line.verb for line in timeline(f"incident:{incident.pk}", limit=200)]


def sign(request_id, member, verdict="approve", comment=""):
    template = issue_template(request_id, verdict, member.key.key_id, actor=member.actor, comment=comment)
    return record_decision(request_id, member.sign(bytes(template.statement)), comment, actor=member.actor)


def test_a_bad_change_is_reverted_after_one_signature(world, work, cast):
    bad = world.break_config()
    incident = fire("payments")

    waiting = work()
    assert waiting.state == "AWAITING_APPROVAL"
    request = ApprovalRequest.objects.get(pk=waiting.request_id)
    assert (request.change.tier, request.needed, request.route) == ("HIGH", 1, "single")
    assert "25" in str(world.config())

    sign(request.pk, cast.ben)
    ended = work()

    assert ended.state == "COMPLETED", ended.note
    assert Incident.objects.get(pk=incident.pk).state == "RESOLVED"
    assert world.config() == {"timeout_ms": 800}
    assert world.log()[0].startswith('Revert "Tighten')
    assert f"This reverts commit {bad}." in world.git("log", "-1", "--format=%B", "main")
    told = verbs(incident)
    expected = "remediation.started remediation.analyzing hypotheses.ranked remediation.analyzed remediation.planned "
    expected += (
        "change.frozen request.opened remediation.asked decision.recorded request.granted remediation.executing "
    )
    expected += (
        "run.intended step.finished remediation.validating verification.read remediation.completed incident.resolved"
    )
    assert set(expected.split()) <= set(told)


def test_a_leak_is_restarted_by_itself_with_a_notice(world, work):
    world.leak()
    incident = fire("checkout")

    ended = work()

    assert ended.state == "COMPLETED", ended.note
    assert world.restarts == ["checkout"]
    request = ApprovalRequest.objects.get(pk=ended.request_id)
    assert (request.change.tier, request.route) == ("MEDIUM", "notify")
    assert "notice.given" in verbs(incident)
    assert Incident.objects.get(pk=incident.pk).state == "RESOLVED"


def test_what_only_looks_like_a_leak_is_rolled_back_and_a_person_called(world, work):
    world.leak(curable=False)
    incident = fire("checkout")

    ended = work()

    assert ended.state == "ROLLED_BACK", ended.note
    assert "no compensation exists" in ended.note
    assert world.restarts == ["checkout"]
    called = Incident.objects.get(pk=incident.pk)
    assert called.state == "OPEN"
    assert called.called_at is not None
    assert "did not help" in called.called_because
    assert not Reading.objects.filter(healthy=True).exists()


def test_a_revert_that_does_not_help_is_itself_reverted(world, work, cast):
    world.break_config(curable=False)
    fire("payments")
    sign(work().request_id, cast.ben)

    ended = work()

    assert ended.state == "ROLLED_BACK", ended.note
    assert world.config() == {"timeout_ms": 25}
    assert [subject.count("Revert") for subject in world.log()][:2] == [2, 1]
    run = Run.objects.get()
    assert run.state == "COMPENSATED"
    assert [(step.direction, step.state) for step in run.steps.order_by("pk")] == [
        ("act", "SUCCEEDED"),
        ("undo", "SUCCEEDED"),
    ]


def test_an_undo_that_fails_is_said_and_a_person_called(world, work, cast):
    world.break_config(curable=False)
    incident = fire("payments")
    sign(work().request_id, cast.ben)
    work("VALIDATING")
    world.commit("Somebody else's change", timeout_ms=90)

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "compensation-failed")
    assert "conflicts with later commits" in ended.note
    assert Incident.objects.get(pk=incident.pk).called_at is not None


def test_a_rejected_change_never_runs(world, work, cast):
    world.break_config()
    incident = fire("payments")
    sign(work().request_id, cast.ben, "reject", "Priya is on it")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "rejected")
    assert "Priya is on it" in ended.note
    assert world.config() == {"timeout_ms": 25}
    assert Incident.objects.get(pk=incident.pk).called_at is not None


def test_an_expired_request_never_runs(world, work, shifted):
    from approvals.services.expire import expire_due
    from core.actors import POLICY

    world.break_config()
    fire("payments")
    work()
    shifted(6 * 3600 + 1)
    expire_due(actor=POLICY)

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "expired")


def test_where_agents_only_observe_the_findings_are_shown_and_a_person_called(world, work):
    world.leak()
    incident = fire("checkout", autonomy="observe")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "observe-only")
    assert ended.hypotheses.get(rank=1).pattern == "memory-leak"
    assert world.restarts == []
    assert Incident.objects.get(pk=incident.pk).called_at is not None


def test_where_agents_only_suggest_a_person_is_asked_even_for_a_restart(world, work):
    world.leak()
    fire("checkout", autonomy="suggest")

    waiting = work()

    assert waiting.state == "AWAITING_APPROVAL"
    assert ApprovalRequest.objects.get(pk=waiting.request_id).needed >= 1
    assert world.restarts == []


def test_an_unknown_cause_goes_to_a_person_with_what_was_found(world, work):
    incident = fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "unknown-cause")
    assert ended.hypotheses.count() >= 4
    assert ended.evidence.count() > 8
    assert "not known" in Incident.objects.get(pk=incident.pk).called_because


def test_a_source_that_does_not_answer_is_noted_and_the_others_go_on(world, work):
    world.break_config()
    world.down = {"supervisor"}
    fire("payments")

    waiting = work()

    assert waiting.state == "AWAITING_APPROVAL"
    failed = waiting.evidence.filter(facts__failed=True)
    assert failed.exists()
    assert all("Logs did not answer" in row.sentence for row in failed)


def test_a_person_who_takes_over_stops_the_agents(world, work, cast):
    from incidents.services.take_over import take_over

    world.break_config()
    incident = fire("payments")
    waiting = work()
    take_over(incident.pk, actor=cast.ada.actor)

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "taken-over")
    assert ApprovalRequest.objects.get(pk=waiting.request_id).state == "WITHDRAWN"
    assert Incident.objects.get(pk=incident.pk).called_at is None


def test_a_silent_monitor_is_not_health(world, work, cast):
    world.break_config()
    fire("payments")
    sign(work().request_id, cast.ben)
    work("VALIDATING")
    world.down, silent_from = {"prometheus"}, clock.now()

    ended = work()

    assert ended.state == "ROLLED_BACK"
    assert set(ended.readings.filter(at__gte=silent_from).values_list("value", flat=True)) == {None}


def test_two_alerts_of_one_incident_start_one_remediation(world, work):
    fire("payments")
    fire("payments", fingerprint="2")

    work()

    assert Remediation.objects.count() == 1


def test_every_step_run_carries_the_key_that_was_signed(world, work):
    world.leak()
    fire("checkout")
    ended = work()

    from agents.selectors import remediation_view

    view = remediation_view(ended.incident_id)
    assert StepRun.objects.get().key == view.plan["steps"][0]["idempotency_key"]
    assert list(world.marks) == [StepRun.objects.get().key]
