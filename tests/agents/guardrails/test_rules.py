from dataclasses import replace

import pytest

from agents.guardrails import PlannedStep, Situation, check, refusals

STEP = PlannedStep(
    action="restart-service",
    adapter="supervisor.restart",
    target="lab/checkout",
    params={"process": "checkout"},
    timeout_s=60,
)
REVERT = PlannedStep(
    action="rollback-config",
    adapter="git.revert",
    target="lab/payments",
    params={"commit": "8c1f2ae" + "0" * 33, "branch": "main"},
    timeout_s=60,
    has_undo=True,
)
SITUATION = Situation(
    environment="lab", targets=frozenset({"lab/checkout", "lab/payments"}), blast=frozenset({"checkout", "gateway"})
)


def refused_by(steps, situation=SITUATION):
    return {verdict.rule for verdict in refusals(check(steps, situation))}


@pytest.mark.parametrize("step", [STEP, REVERT])
def test_an_ordinary_step_passes_and_every_rule_has_spoken(step):
    verdicts = check([step], SITUATION)

    assert not refusals(verdicts)
    assert len({verdict.rule for verdict in verdicts}) == 10


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        (replace(STEP, action="delete-volume"), "catalogue"),
        (replace(STEP, adapter="shell.run"), "catalogue"),
        (replace(STEP, params={}), "parameters"),
        (replace(STEP, params={"process": "checkout", "signal": "9"}), "parameters"),
        (replace(STEP, params={"process": "check out"}), "parameters"),
        (replace(REVERT, params={**REVERT.params, "commit": "HEAD"}), "parameters"),
        (replace(REVERT, params={**REVERT.params, "branch": "--upload-pack=x"}), "parameters"),
        (replace(STEP, target="prod/checkout"), "known-target"),
        (replace(STEP, target="lab/unknown"), "known-target"),
        (replace(STEP, params={"process": "checkout; rm -rf /"}), "destructive-words"),
        (replace(STEP, params={"process": "drop-tables"}), "destructive-words"),
        (replace(REVERT, params={**REVERT.params, "branch": "a/../b"}), "destructive-words"),
        (replace(STEP, timeout_s=0), "time-limit"),
        (replace(STEP, timeout_s=100_000), "time-limit"),
    ],
)
def test_a_step_outside_the_rules_is_refused(step, rule):
    assert rule in refused_by([step])


@pytest.mark.parametrize("pattern", ["lab/checkout", "lab/*", "*/checkout", "*"])
def test_a_protected_target_is_refused(pattern):
    assert refused_by([STEP], replace(SITUATION, protected=("lab/other", pattern))) == {"protected-target"}


def test_another_protected_target_does_not_matter():
    assert not refused_by([STEP], replace(SITUATION, protected=("lab/payments", "prod/*")))


def test_the_fourth_action_within_the_hour_is_refused():
    assert not refused_by([STEP], replace(SITUATION, recent={"lab/checkout": 2}))
    assert refused_by([STEP], replace(SITUATION, recent={"lab/checkout": 3})) == {"restart-rate"}


def test_too_many_steps_and_none_at_all_are_refused():
    assert refused_by([STEP] * 6) == {"number-of-steps"}
    assert refused_by([]) == {"number-of-steps"}


def test_a_change_that_too_many_would_feel_is_refused():
    assert refused_by([STEP], replace(SITUATION, blast=frozenset(map(str, range(11))))) == {"blast-radius"}


def test_words_that_only_contain_a_destructive_one_pass():
    assert not refused_by([replace(STEP, params={"process": "confirm-forms"})])


def test_every_refusal_says_why():
    verdicts = check([replace(STEP, action="x", target="y", params={"process": "; rm"}, timeout_s=0)], SITUATION)

    assert all(verdict.sentence.endswith(".") for verdict in verdicts)
