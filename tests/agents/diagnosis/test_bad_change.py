import numpy as np
import pytest

from agents.diagnosis.bad_change import detect, probability
from agents.diagnosis.facts import Limits
from agents.diagnosis.numbers import Shift
from tests.agents.synthetic import checkout, commit, facts, flat, payments, seasonal, series, stepped

LIMITS = Limits()
BROKEN = stepped(0.001, 0.06, 78)


def errors(values, slug="payments"):
    return series(f"error_rate-{slug}", values)


def test_a_change_right_before_the_errors_is_blamed():
    found = detect(facts(payments(0, error_rate=errors(BROKEN)), commits=[commit(15)]), LIMITS)

    assert found[0].probability > 0.9
    assert found[0].parameters["commit_short"] == "8c1f2ae"
    assert found[0].parameters["path"] == "payments.json"
    assert 0.005 < float(found[0].parameters["healthy_below"]) < 0.05
    assert {"error_rate-payments", "changes"} <= {one.evidence for one in found[0].findings}


def test_a_change_one_call_away_is_blamed_a_little_less():
    symptom = checkout(error_rate=errors(BROKEN, "checkout"))
    near = detect(facts(payments(0, error_rate=errors(BROKEN)), commits=[commit(15)]), LIMITS)[0]
    far = detect(facts(symptom, payments(1, error_rate=errors(BROKEN)), commits=[commit(15)]), LIMITS)[0]

    assert 0.8 < far.probability < near.probability
    assert far.service == "payments"


def test_the_later_of_two_changes_is_blamed_more():
    early, late = commit(500, sha="a" * 40), commit(14, sha="b" * 40)
    found = detect(facts(payments(0, error_rate=errors(BROKEN)), commits=[early, late]), LIMITS)

    assert [one.parameters["commit"][0] for one in found] == ["b", "a"]
    assert sum(one.probability for one in found) < 1


def test_a_change_that_was_replaced_before_the_errors_began_takes_no_blame_from_the_later_one():
    replaced, culprit = commit(60, sha="a" * 40), commit(14, sha="b" * 40)
    found = detect(facts(payments(0, error_rate=errors(BROKEN)), commits=[replaced, culprit]), LIMITS)

    assert found[0].parameters["commit"][0] == "b"
    assert found[0].probability > 0.8
    assert found[1].probability < 0.1
    assert any("changed the same file again" in one.sentence for one in found[1].findings)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (commit(15, service="inventory"), "not on the path"),
        (commit(2000), "too long ago"),
        (commit(2), "after the errors began"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_that_cannot_be_the_cause_is_not_blamed(made, why):
    found = detect(facts(payments(0, error_rate=errors(BROKEN)), commits=[made]), LIMITS)

    assert [one.probability for one in found] == [0.05], why
    assert not found[0].runbook
    assert any(not one.supports for one in found[0].findings)


@pytest.mark.parametrize(
    "values",
    [
        np.abs(flat(0.001, 0.5)),
        np.zeros(90),
        np.full(90, 0.2),
        np.abs(flat(0.02, 0.3)),
        seasonal(0.005, 0.5, 45),
        stepped(0.001, 0.004, 70),
        np.full(90, np.nan),
    ],
    ids=["quiet", "zero", "always failing", "noisy", "seasonal", "too small to matter", "not measured"],
)
def test_a_change_in_healthy_weather_is_not_blamed(values):
    found = detect(facts(payments(0, error_rate=errors(values)), commits=[commit(15)]), LIMITS)

    assert [one.probability for one in found] == [0.04]


def test_false_alarms_on_healthy_noise_are_rare():
    alarms = 0
    for seed in range(200):
        values = np.random.default_rng(seed).binomial(200, 0.004, 90) / 200
        best = detect(facts(payments(0, error_rate=errors(values)), commits=[commit(15)]), LIMITS)[0]
        alarms += best.probability > 0.5

    assert alarms <= 2


def test_errors_that_have_only_just_begun_are_worth_a_second_look():
    found = detect(facts(payments(0, error_rate=errors(stepped(0.001, 0.06, 89))), commits=[commit(3)]), LIMITS)

    assert "only just begun" in found[0].wait


def test_without_the_repository_nothing_is_blamed_and_that_is_said():
    given = facts(payments(0, error_rate=errors(BROKEN)))
    found = detect(
        type(given)(**{name: getattr(given, name) for name in given.__slots__} | {"changes_evidence": ""}), LIMITS
    )

    assert "could not be read" in found[0].summary


@pytest.mark.parametrize("after", [0.01, 0.05, 0.2, 0.9])
def test_a_larger_effect_never_lowers_the_probability(after):
    def at(level):
        return probability(Shift(onset=0, before=0.001, after=level, p=1e-4, n_before=50, n_after=10), 0.9)

    assert at(after) <= at(min(1.0, after * 1.5))
