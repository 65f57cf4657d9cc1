import numpy as np
import pytest

from agents.diagnosis.ranking import diagnose
from tests.agents.synthetic import (
    checkout,
    commit,
    counter,
    facts,
    flat,
    payments,
    ramp,
    sawtooth,
    seasonal,
    series,
    stepped,
)

BROKEN = stepped(0.001, 0.06, 78)
LEAK = checkout(heap=series("heap-checkout", ramp(50e6, 1e6)), oom=series("oom-checkout", counter(88)))


def patterns(diagnosis):
    return [one.candidate.pattern for one in diagnosis.hypotheses]


def test_a_leak_is_known_for_what_it_is():
    found = diagnose(facts(LEAK, payments()))

    assert patterns(found)[0] == "memory-leak"
    assert found.hypotheses[0].confidence > 0.7
    assert found.known
    assert not found.wait


def test_a_bad_change_is_known_for_what_it_is_also_from_its_caller():
    symptom = checkout(error_rate=series("error_rate-checkout", BROKEN))
    found = diagnose(facts(symptom, payments(error_rate=series("error_rate-payments", BROKEN)), commits=[commit(15)]))

    assert patterns(found)[0] == "bad-change"
    assert found.hypotheses[0].confidence > 0.7


def test_four_explanations_and_the_remainder_are_always_weighed_with_evidence():
    for given in (facts(LEAK, payments()), facts(checkout(), payments(), commits=[commit(15)]), facts(payments(0))):
        found = diagnose(given)

        assert {"bad-change", "load", "dependency", "unknown"} <= set(patterns(found))
        assert all(one.candidate.findings for one in found.hypotheses if one.candidate.pattern != "unknown")


def test_nothing_wrong_is_nothing_known():
    found = diagnose(facts(checkout(), payments(), commits=[commit(15)]))

    assert not found.known
    assert patterns(found)[0] == "unknown"


def test_much_more_load_is_named():
    found = diagnose(facts(checkout(requests=series("requests-checkout", stepped(20, 90, 60, noise=0.05)))))

    assert patterns(found)[0] == "load"


def test_a_slow_callee_is_named_and_a_place_is_not_a_cause():
    found = diagnose(facts(checkout(), payments(latency=series("latency-payments", stepped(0.03, 0.9, 60)))))

    assert patterns(found)[0] == "dependency"
    assert found.hypotheses[0].confidence <= 0.65


def test_a_short_window_waits_where_nothing_else_explains_it():
    found = diagnose(facts(checkout(heap=series("heap-checkout", ramp(50e6, 1e6, count=20)))))

    assert found.wait
    assert not found.known


def test_a_short_heap_does_not_hold_up_a_clear_bad_change():
    short = payments(
        0, error_rate=series("error_rate-payments", BROKEN), heap=series("heap-payments", flat(6e7, count=20))
    )

    assert not diagnose(facts(short, commits=[commit(15)])).wait


def test_empty_facts_have_an_answer():
    found = diagnose(facts())

    assert not found.known
    assert sum(one.confidence for one in found.hypotheses) <= 1


@pytest.mark.parametrize("seed", range(60))
def test_whatever_was_measured_the_confidences_are_shares_of_one_and_the_answer_repeats(seed):
    rng = np.random.default_rng(seed)
    kinds = [
        lambda: flat(rng.uniform(1e-3, 1e8), rng.uniform(0, 1), seed=seed),
        lambda: ramp(rng.uniform(0, 1e8), rng.uniform(-1e6, 1e6), seed=seed),
        lambda: stepped(rng.uniform(0, 1), rng.uniform(0, 1), int(rng.integers(1, 89)), seed=seed),
        lambda: seasonal(rng.uniform(0, 10), 0.5, 30, seed=seed),
        lambda: sawtooth(rng.uniform(0, 1e8), 1e6, int(rng.integers(5, 60)), seed=seed),
        lambda: np.full(90, np.nan),
        lambda: np.full(int(rng.integers(1, 8)), rng.uniform(0, 1)),
        lambda: counter(*rng.integers(0, 90, 3)),
    ]
    names = ["heap", "heap_limit", "oom", "restarts", "error_rate", "requests", "latency"]
    given = {name: series(f"{name}-checkout", kinds[int(rng.integers(len(kinds)))]()) for name in names}
    read = facts(
        checkout(**given), payments(error_rate=series("e", kinds[0]())), commits=[commit(int(rng.integers(0, 90)))]
    )

    found = diagnose(read)

    assert found == diagnose(read)
    assert all(0 <= one.confidence <= 1 for one in found.hypotheses)
    assert sum(one.confidence for one in found.hypotheses) <= 1
    assert [one.confidence for one in found.hypotheses] == sorted(
        (one.confidence for one in found.hypotheses), reverse=True
    )


@pytest.mark.parametrize("seed", range(60))
def test_healthy_systems_are_left_alone(seed):
    """Ordinary noise, waves of traffic and a commit that changed nothing: no runbook is ever sure enough to act."""
    rng = np.random.default_rng(seed)
    healthy = checkout(
        heap=series("heap-checkout", seasonal(6e7, rng.uniform(0, 0.2), rng.uniform(20, 200), seed=seed)),
        error_rate=series("error_rate-checkout", rng.binomial(100, 0.002, 90) / 100),
        requests=series("requests-checkout", seasonal(20, rng.uniform(0, 0.3), rng.uniform(20, 200), seed=seed + 1)),
        restarts=series("restarts-checkout", counter(*([40] if seed % 3 == 0 else []))),
    )
    found = diagnose(facts(healthy, payments(), commits=[commit(float(rng.uniform(0, 90)))]))

    assert not (found.known and found.hypotheses[0].candidate.runbook)
