from datetime import UTC, datetime, timedelta

import pytest

from incidents.correlation.storms import begins, goes_on, is_told, title, why

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("opened", "storm"), [(0, False), (99, False), (100, True)])
def test_a_storm_begins_with_a_hundred_incidents(opened, storm):
    assert begins(opened) is storm


@pytest.mark.parametrize(
    ("opened_ago", "earlier_ago", "on"),
    [(1, None, True), (6, None, False), (60, 4, True), (60, 6, False), (-60, None, False), (-60, -4, True)],
)
def test_it_goes_on_while_it_is_young_or_loud_also_after_the_clock_was_set_back(opened_ago, earlier_ago, on):
    earlier = None if earlier_ago is None else NOW - timedelta(minutes=earlier_ago)

    assert goes_on(NOW - timedelta(minutes=opened_ago), earlier, NOW) is on


def test_the_first_and_each_hundredth_are_told():
    assert [count for count in range(1, 301) if is_told(count)] == [1, 100, 200, 300]
    assert (title(1), title(12300)) == ("Alert storm", "Alert storm: 12,300 alerts so far")
    assert why() == "100 incidents opened within 5 minutes; what comes now is gathered in one."
