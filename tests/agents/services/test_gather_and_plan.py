"""What is read, kept and shown; and what the planner and the safeguards make of it."""

import pytest

from agents.evidence import Snapshot, decimal, plain
from agents.models import Citation, Remediation
from agents.scope import numbers, services_of
from agents.selectors import remediation_view
from agents.services.gather import gather
from agents.services.plan import factors_of
from approvals.bundles import in_force
from audit import ledger
from audit.models import Entry
from connectors.models import Connection
from core import clock
from incidents.models import Incident, Service
from proof import canonical
from tests.agents.test_loop import sign
from tests.agents.world import fire


def read(world, incident, doing=lambda _sentence: None):
    scope = services_of(incident)
    return gather(incident, scope, window_s=75, step_s=1, alive=doing)


def test_everything_on_the_path_is_read_and_said(world):
    said = []
    found = read(world, fire("checkout"), said.append)

    names = {one.name for one in found.snapshots}
    assert {
        "heap-checkout",
        "error_rate-payments",
        "latency-inventory",
        "logs-checkout",
        "changes",
        "alerts",
        "topology",
    } <= names
    assert "heap-gateway" not in names
    assert any("reads 21 series" in sentence for sentence in said)
    assert len(names) == len(found.snapshots)


def test_snapshots_are_canonical_and_hold_numbers_as_text(world):
    world.commit("Café ☕\u202e", path="checkout/config.json", x=1)
    for snapshot in read(world, fire("checkout")).snapshots:
        content = snapshot.content()
        again = canonical.loads(content, max_bytes=1_000_000)

        assert again["_type"] == "urn:countersign:evidence:v1"
        assert snapshot.sentence


def test_a_dead_monitor_costs_two_questions_and_stops_nobody(world):
    world.down = {"prometheus"}
    found = read(world, fire("checkout"))

    failed = [one for one in found.snapshots if one.facts.get("failed")]
    assert len(failed) == 2
    assert all("Metrics did not answer" in one.sentence for one in failed)
    assert found.changes_evidence == "changes"


def test_what_is_not_connected_is_said_too(world):
    Connection.objects.all().delete()
    found = read(world, fire("checkout"))

    assert {one.name for one in found.snapshots if one.facts.get("failed")} == {"metrics", "logs", "changes"}


def test_the_environments_numbers_win_over_the_runbooks(world):
    assert numbers("lab")["window_s"] == 75
    assert numbers("elsewhere")["window_s"] == 1800


def test_text_from_outside_is_tamed():
    assert plain("a\0b") == "a�b"
    assert plain("e\u0301") == "é"
    assert plain("x" * 999, 10) == "x" * 9 + "…"
    assert plain("\ud800") == "?"
    assert decimal(1e-7) == "0.0000001"
    assert decimal(2.5e8) == "250000000.0"


def test_a_snapshot_never_overrides_its_own_head():
    snapshot = Snapshot(
        name="x", kind="log", source="s", sentence="It says so.", read_at=clock.now(), body={"lines": []}
    )

    assert canonical.loads(snapshot.content())["name"] == "x"


def test_every_finding_cites_what_is_kept(world, work):
    world.break_config()
    fire("payments")
    work()

    assert Citation.objects.count() > 4
    for row in Citation.objects.select_related("evidence"):
        assert canonical.sha256(ledger.fetch(row.evidence.sha256)) == row.evidence.sha256


def test_undeclared_risk_counts_as_the_worst():
    service = Service(slug="x", factors={"restart-service": {"data": "public", "blast": ["team", "why"]}})

    factors = factors_of(service, "restart-service")

    assert factors["data"] == ("public", "")
    assert factors["blast"] == ("team", "why")
    assert factors["reversibility"][0] == "none"
    assert factors["compliance"][0] == "critical"


def test_a_refusal_of_the_safeguards_is_recorded_and_a_person_called(world, work, monkeypatch):
    from agents.services import plan as stage

    world.leak()
    policy = in_force()
    guarded = type(policy.policy)(
        **{name: getattr(policy.policy, name) for name in policy.policy.__slots__}
        | {"protected_targets": ("lab/checkout",)}
    )
    monkeypatch.setattr(
        stage,
        "in_force",
        lambda: type(policy)(**{name: getattr(policy, name) for name in policy.__slots__} | {"policy": guarded}),
    )
    incident = fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "protected by the policy" in ended.note
    assert Entry.objects.get(verb="guardrail.refused").actor == "agent:safeguard"
    assert Incident.objects.get(pk=incident.pk).called_at is not None
    assert world.restarts == []


def test_a_plan_that_cannot_run_now_is_tried_again_and_then_given_up(world, work):
    world.leak()
    world.states["checkout"] = "FATAL"
    fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "says 'FATAL'" in ended.note


def test_a_process_that_is_just_starting_is_waited_for(world, work):
    world.leak()
    world.states["checkout"] = "STARTING"
    fire("checkout")
    work("PLANNING")
    paused = work("PLANNING")
    assert "does not hold" in paused.doing
    world.states["checkout"] = "RUNNING"

    assert work().state == "COMPLETED"


@pytest.mark.parametrize("curable", [True, False])
def test_the_view_of_a_page_is_whole_and_costs_few_queries(world, work, cast, curable, django_assert_max_num_queries):
    bad = world.break_config(curable=curable)
    incident = fire("payments")
    sign(work().request_id, cast.ben)
    work()

    with django_assert_max_num_queries(9):
        view = remediation_view(incident.pk)

    assert view.state == ("COMPLETED" if curable else "ROLLED_BACK")
    assert view.plan["steps"][0]["command"] == f"git revert --no-edit {bad[:7]}"
    assert view.plan["diffs"][0]["path"] == "payments/config.json"
    assert '+{"timeout_ms": 800}' in view.plan["diffs"][0]["text"]
    assert view.hypotheses[0].percent > 70
    assert view.hypotheses[0].supporting
    assert [line.direction for line in view.runs[0].lines] == (["act"] if curable else ["act", "undo"])
    assert view.readings
    assert view.stages[-1].state == view.state
    assert all(stage.seconds is not None for stage in view.stages[:-1])
    assert "uncalibrated" in view.confidence_note


def test_there_is_no_view_where_there_was_no_remediation(world):
    assert remediation_view(1) is None


def test_a_view_says_what_is_ahead_and_what_is_now(world, work):
    world.break_config()
    incident = fire("payments")
    work()

    view = remediation_view(incident.pk)

    assert [stage.status for stage in view.stages] == ["done", "done", "done", "now", "ahead", "ahead"]
    assert Remediation.objects.get().doing == view.doing != ""
