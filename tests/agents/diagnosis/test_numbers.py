import math

import numpy as np
import pytest
from scipy import stats

from agents.diagnosis.facts import Samples
from agents.diagnosis.numbers import clean, increases, logistic, rank_test, shift, trend


@pytest.mark.parametrize("seed", range(30))
def test_the_rank_test_agrees_with_scipy_also_with_ties(seed):
    rng = np.random.default_rng(seed)
    left = rng.integers(0, 6 + seed, int(rng.integers(3, 60))).astype(float)
    right = rng.integers(seed % 4, 9 + seed, int(rng.integers(3, 60))).astype(float)

    theirs = stats.mannwhitneyu(left, right, alternative="two-sided", method="asymptotic").pvalue

    assert rank_test(left, right) == pytest.approx(theirs, rel=1e-9)


def test_equal_samples_tell_nothing():
    assert rank_test(np.ones(5), np.ones(7)) == 1.0


def test_the_trend_agrees_with_scipy():
    rng = np.random.default_rng(1)
    times, values = np.arange(50.0), 3 * np.arange(50.0) + rng.normal(0, 5, 50)

    ours, theirs = trend(times, values), stats.linregress(times, values)

    assert ours.slope == pytest.approx(theirs.slope)
    assert ours.r2 == pytest.approx(theirs.rvalue**2)


def test_a_line_with_breaks_is_one_line_with_several_levels():
    times = np.arange(60.0)
    values = 2 * (times % 20) + 5

    found = trend(times, values, (20.0, 40.0))

    assert found.slope == pytest.approx(2)
    assert found.r2 == pytest.approx(1)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [5.0] * 9, [math.nan] * 9])
def test_nothing_to_fit_is_flat(values):
    times, kept = clean(Samples(evidence="x", times=tuple(range(len(values))), values=tuple(values)))

    assert trend(times, kept).slope == 0
    assert shift(times, kept) is None


def test_cleaning_sorts_drops_and_deduplicates():
    times, values = clean(Samples(evidence="x", times=(3, 1, 2, 2, 4), values=(3, 1, 2, 9, math.inf)))

    assert list(times) == [1, 2, 3]
    assert list(values) == [1, 2, 3]


def test_the_step_is_found_where_it_is():
    found = shift(
        np.arange(50.0), np.where(np.arange(50) >= 31, 9.0, 1.0) + np.random.default_rng(0).normal(0, 0.1, 50)
    )

    assert found.onset == 31
    assert found.p < 1e-6


def test_a_counter_that_restarts_is_no_increase():
    assert increases(np.arange(5.0), np.array([0, 1, 1, 0, 2.0])) == (1.0, 4.0)


def test_the_logistic_stays_finite():
    assert logistic(-1e9) < 1e-9
    assert logistic(1e9) > 1 - 1e-9
