from datetime import UTC, datetime, timedelta

import pytest

from incidents.correlation.flapping import is_calm, is_flapping, sentence

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def minutes(*ago):
    return [NOW - timedelta(minutes=number) for number in ago]


@pytest.mark.parametrize(
    ("ago", "flaps"),
    [
        ((0, 1, 2, 3, 4, 5), True),
        ((0, 1, 2, 3, 4), False),
        ((0, 1, 2, 3, 4, 31), False),
        ((0, 1, 2, 3, 4, 30), True),
        ((-1, -2, 0, 1, 2, 3), True),
        ((-600, -601, -602, -603, -604, -605), False),
    ],
)
def test_six_changes_within_half_an_hour_are_flapping_also_around_a_clock_that_was_set_back(ago, flaps):
    assert is_flapping(minutes(*ago), NOW) is flaps


@pytest.mark.parametrize(("ago", "calm"), [(0, False), (29, False), (30, True), (-5, False), (-600, True)])
def test_it_is_calm_when_the_last_change_is_far_on_either_side(ago, calm):
    assert is_calm(minutes(ago)[0], NOW) is calm


def test_the_sentence_says_how_often_and_until_when():
    assert sentence("Disk", 6) == "Disk changed 6 times in 30 minutes; its incident stays open until it is calm for 30."
