"""Samples in memory."""

from lab.monitor.samples import Series, Store, changes, increase


def test_a_counter_that_falls_was_restarted_from_zero():
    assert increase([5.0, 8.0, 1.0, 3.0]) == 6.0


def test_changes_are_counted_between_neighbours():
    assert changes([1.0, 1.0, 2.0, 1.0]) == 2


def test_a_series_that_is_no_longer_written_has_ended():
    series = Series()
    series.append(100.0, 1.0)

    assert series.at(103.0) == 1.0
    assert series.at(106.0) is None
    assert series.at(99.0) is None


def test_two_hours_are_kept_and_not_much_more():
    series = Series()
    for second in range(20_000):
        series.append(float(second), 0.0)

    assert 7200 <= len(series.times) <= 7200 + 900
    assert series.times[-1] == 19_999


def test_a_sample_from_the_past_is_dropped():
    series = Series()
    series.append(100.0, 1.0)
    series.append(100.0, 2.0)

    assert list(series.values) == [1.0]


def test_what_is_not_a_number_is_not_kept():
    store = Store()
    store.write("x", {}, 1.0, float("nan"))

    assert list(store.family("x")) == []
