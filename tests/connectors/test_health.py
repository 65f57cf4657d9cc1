from datetime import UTC, datetime, timedelta

import pytest

from connectors.health import Spans, came_at_once, health, span

TEN = timedelta(minutes=10)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def every(minutes, count, since=timedelta()):
    return [NOW - since - timedelta(minutes=minutes * number) for number in range(count)]


def judged(times, *, active=True, full=False, spans=None):
    counted = Spans(length=TEN, counts=spans) if spans is not None else None
    return health(times, NOW, is_active=active, is_full=full, spans=counted)


def a_day(count, every=1):
    """So many deliveries in each of a day's spans, or in every so manyth."""
    return {NOW - TEN * number: count for number in range(0, 144, every)}


def test_a_source_that_fell_silent_is_said_to_be_with_what_is_usual():
    found = judged(every(4, 20, since=timedelta(hours=3)))

    assert (found.state, found.sentence) == ("silent", "silent for 3 h, usually every 4 min")
    assert (found.silent_s, found.usual_gap_s) == (10800.0, 240.0)


def test_one_that_delivers_as_usual_is_not():
    assert judged(every(4, 20, since=timedelta(minutes=9))).sentence == "last heard 9 min ago, usually every 4 min"


@pytest.mark.parametrize("minutes", [14, 16, 600])
def test_a_storm_by_itself_is_no_rhythm_so_that_no_pause_after_it_is_a_silence(minutes):
    storm = every(0.001, 50, since=timedelta(minutes=minutes))

    assert came_at_once(storm)
    assert (judged(storm).state, judged(storm).usual_gap_s) == ("delivering", None)
    assert judged(storm, spans={NOW: 50}).state == "delivering"


def test_after_a_storm_what_is_usual_is_told_by_the_day_before():
    storm = every(0.001, 50, since=timedelta(hours=3))

    assert judged(storm, spans=a_day(2) | {NOW - timedelta(hours=3): 5000}).usual_gap_s == 300
    assert judged(storm, spans=a_day(2)).sentence == "silent for 3 h, usually every 5 min"
    assert judged(storm, spans=a_day(1, every=12)).sentence == "last heard 3 h ago, usually every 2 h"


def test_a_storm_among_the_last_deliveries_does_not_change_what_is_usual():
    times = [*every(0.001, 40, since=timedelta(minutes=20)), *every(4, 10, since=timedelta(minutes=24))]

    assert judged(times).sentence == "last heard 20 min ago, usually every 4 min"


@pytest.mark.parametrize(("seconds", "count"), [(30, 25), (15, 50), (60, 20)])
def test_what_comes_fast_and_evenly_is_a_rhythm(seconds, count):
    found = judged(every(seconds / 60, count, since=timedelta(hours=1)))

    assert (found.state, found.usual_gap_s) == ("silent", seconds)


def test_what_comes_every_second_is_told_by_the_spans_of_the_day():
    assert judged(every(1 / 60, 50), spans=a_day(600)).usual_gap_s == 1


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
