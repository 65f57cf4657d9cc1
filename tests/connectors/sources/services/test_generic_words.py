"""The words and names by which plain JSON is read: none stands for two things."""

from collections import Counter

import pytest

from connectors import reading
from connectors.sources.services import generic_words as words
from incidents.events import Status


def test_no_word_stands_for_two_statuses():
    told = Counter(word for listed in words.WORDS.values() for word in listed.split())

    assert [word for word, count in told.items() if count > 1] == []


def test_words_of_status_that_are_severities_too_fire():
    assert {words.STATUSES[word] for word in words.LEVELS} == {Status.FIRING}
    assert all(reading.severity(word) for word in words.TYPES)


def test_what_says_as_a_severity_that_it_is_over_says_so_as_a_status():
    assert {words.STATUSES[word] for word in words.OVER} == {Status.RESOLVED}


@pytest.mark.parametrize("others", [words.ENDS, words.TIMES])
def test_a_time_has_one_meaning(others):
    assert not set(words.STARTS) & set(others)
