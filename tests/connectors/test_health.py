from datetime import UTC, datetime, timedelta

import pytest

from connectors.health import health, span

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def every(minutes, count, since=timedelta()):
    return [NOW - since - timedelta(minutes=minutes * number) for number in range(count)]


def judged(times, *, active=True, full=False):
    return health(times, NOW, is_active=active, is_full=full)


def test_a_source_that_fell_silent_is_said_to_be_with_what_is_usual():
    found = judged(every(4, 20, since=timedelta(hours=3)))

    assert (found.state, found.sentence) == ("silent", "silent for 3 h, usually every 4 min")
    assert (found.silent_s, found.usual_gap_s) == (10800.0, 240.0)


def test_one_that_delivers_as_usual_is_not():
    assert judged(every(4, 20, since=timedelta(minutes=9))).sentence == "last heard 9 min ago, usually every 4 min"


def test_a_storm_does_not_make_a_short_pause_a_silence():
    assert judged(every(0.001, 50, since=timedelta(minutes=14))).state == "delivering"


def test_one_pause_does_not_change_what_is_usual():
    assert judged([*every(4, 10), *every(4, 10, since=timedelta(days=30))]).usual_gap_s == 240


@pytest.mark.parametrize(("count", "state"), [(0, "new"), (1, "delivering"), (5, "delivering")])
def test_too_few_deliveries_say_nothing_of_what_is_usual(count, state):
    found = judged(every(1, count, since=timedelta(days=9)))

    assert (found.state, found.usual_gap_s) == (state, None)


def test_paused_and_full_come_before_silence():
    times = every(4, 20, since=timedelta(hours=3))

    assert judged(times, active=False).state == "paused"
    assert judged(times, full=True).state == "full"


def test_a_clock_that_went_back_makes_no_negative_silence():
    assert judged([NOW + timedelta(hours=1)]).silent_s == 0


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (90000, "1 d")])
def test_a_length_is_told_in_its_greatest_unit(seconds, said):
    assert span(timedelta(seconds=seconds)) == said
