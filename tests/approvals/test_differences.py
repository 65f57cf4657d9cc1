"""What changed between two versions, in sentences."""

import pytest

from approvals import selectors
from approvals.services.propose import propose
from audit import ledger
from core.actors import PLANNER
from tests.approvals.plans import RESTART_FACTORS, rollback, step

pytestmark = pytest.mark.django_db


def between(first, second):
    return {
        one.path: one.sentence
        for one in selectors.changes_between(ledger.fetch(first.change_id), ledger.fetch(second.change_id))
    }


def test_a_change_that_was_only_asked_again_shows_no_difference(cast):
    first = propose(rollback(), actor=PLANNER)
    second = propose(rollback(revises=first.change_id), actor=PLANNER)

    assert between(first, second) == {}


def test_an_edited_parameter_is_one_sentence(cast):
    first = propose(rollback(), actor=PLANNER)
    steps = [step("rollback-config", "lab/payments", commit="2b" * 20, branch="main")]
    second = propose(rollback(revises=first.change_id, steps=steps), actor=PLANNER)

    assert between(first, second) == {
        "steps/0/params/commit": f"Step 1, commit: {'1a' * 20} → {'2b' * 20}.",
    }
    newest, oldest = selectors.revisions(second)
    assert (newest.version, oldest.version, oldest.state) == (2, 1, "VOIDED")
    assert [one.path for one in newest.differences] == ["steps/0/params/commit"]
    assert selectors.successor_of(first) == second


def test_steps_that_come_and_go_windows_and_risk_are_told(cast):
    first = propose(rollback(), actor=PLANNER)
    more = [*rollback().steps, {**step("restart-service", "lab/checkout", process="checkout"), "index": 1}]
    second = propose(
        rollback(revises=first.change_id, steps=more, factors=RESTART_FACTORS, diffs=[], unaffected=["data"]),
        actor=PLANNER,
    )

    told = between(first, second)
    assert told["steps/1"] == "New: Step 2 restart-service on lab/checkout."
    assert told["diffs/payments.json"].startswith("No longer: The diff of payments.json")
    assert told["risk"] == "Risk: HIGH 9 → HIGH 5."
    assert told["unaffected/0"] == "New: Not touched: data."
