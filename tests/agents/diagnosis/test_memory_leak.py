import numpy as np
import pytest

from agents.diagnosis.facts import Limits
from agents.diagnosis.memory_leak import detect
from tests.agents.synthetic import checkout, counter, facts, flat, ramp, sawtooth, seasonal, series, stepped

LIMITS = Limits()


def judge(values, **given):
    [found] = detect(facts(checkout(heap=series("heap-checkout", values), **given)), LIMITS)
    return found


def test_a_straight_rise_that_ended_in_death_is_a_leak():
    found = judge(ramp(50e6, 1e6), oom=series("oom-checkout", counter(88)))

    assert found.probability > 0.95
    assert found.runbook == "restart-service"
    assert found.parameters["service"] == "checkout"
    assert not found.wait
    assert all(one.supports for one in found.findings)
    assert {"heap-checkout", "oom-checkout"} <= {one.evidence for one in found.findings}


def test_a_straight_rise_without_a_death_is_not_sure_and_worth_a_second_look():
    found = judge(ramp(50e6, 1e6))

    assert 0.5 < found.probability <= 0.6
    assert "has not run out of memory yet" in found.wait
    assert any(not one.supports for one in found.findings)


def test_log_lines_about_memory_count_as_evidence_of_death():
    found = judge(ramp(50e6, 1e6), memory_lines=3, logs_evidence="logs-checkout")

    assert found.probability > 0.9
    assert "logs-checkout" in {one.evidence for one in found.findings}


def test_a_leak_is_seen_through_the_restarts_it_causes():
    found = judge(sawtooth(50e6, 4e6, 30), restarts=series("restarts-checkout", counter(30, 60)))

    assert found.probability > 0.9
    assert found.parameters["deaths"] == "2"


def test_a_collector_that_frees_memory_without_a_restart_is_no_leak():
    assert judge(sawtooth(50e6, 4e6, 30)).probability < 0.2


@pytest.mark.parametrize(
    "values",
    [
        flat(60e6),
        flat(60e6, noise=0.2, seed=9),
        np.full(90, 60e6),
        np.zeros(90),
        stepped(60e6, 120e6, 45, noise=0.02),
        seasonal(60e6, 0.3, 45),
        seasonal(60e6, 0.3, 20),
        ramp(120e6, -1e6),
        ramp(60e6, 1e4, noise=0.0001),
    ],
    ids=["flat", "noisy", "constant", "zero", "one step", "seasonal", "fast season", "falling", "tiny rise"],
)
def test_a_healthy_heap_is_not_called_a_leak_even_after_a_restart(values):
    found = judge(values, restarts=series("restarts-checkout", counter(10)), oom=series("oom-checkout", counter(10)))

    assert found.probability <= 0.1
    assert not found.runbook


@pytest.mark.parametrize("seed", range(40))
def test_random_walks_without_a_death_never_authorise(seed):
    walk = 60e6 + np.cumsum(np.random.default_rng(seed).normal(0, 3e5, 90))

    assert judge(walk).probability <= 0.6


def test_too_few_samples_wait_instead_of_deciding():
    found = judge(ramp(50e6, 1e6, count=40), oom=series("oom-checkout", counter(88)))

    assert found.probability < 0.2
    assert "too little" in found.wait


def test_forty_five_seconds_are_the_least_whatever_the_window():
    short = facts(checkout(heap=series("heap-checkout", ramp(50e6, 1e6, count=40))), window_s=40.0)

    assert detect(short, LIMITS)[0].wait


def test_missing_and_infinite_readings_are_left_out():
    values = ramp(50e6, 1e6)
    values[::7] = np.nan
    values[3] = np.inf

    assert judge(values, oom=series("oom-checkout", counter(88))).probability > 0.95


def test_a_series_of_nothing_but_holes_waits():
    assert judge(np.full(90, np.nan)).wait


def test_the_heap_is_healthy_again_halfway_between_its_start_and_where_it_got():
    found = judge(ramp(50e6, 1e6, noise=0), oom=series("oom-checkout", counter(88)))

    assert float(found.parameters["healthy_below"]) == pytest.approx(94.5e6, rel=0.01)


def test_a_leak_that_began_within_the_window_is_seen_by_its_end():
    bend = np.concatenate([np.full(30, 50e6), 50e6 + 2.2e6 * np.arange(60)])
    found = judge(bend * flat(1, 0.01), oom=series("oom-checkout", counter(88)))

    assert found.probability > 0.9


def test_a_rise_that_is_too_young_waits():
    bend = np.concatenate([np.full(65, 50e6), 50e6 + 2.2e6 * np.arange(25)])
    found = judge(bend * flat(1, 0.01))

    assert found.probability < 0.5
    assert "not for long enough" in found.wait
