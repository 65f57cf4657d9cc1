"""How numbers and times are said."""

import pytest

from console import phrases


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 times"), (1, "once"), (2, "twice"), (3, "3 times"), (4000, "4\N{NARROW NO-BREAK SPACE}000 times")],
)
def test_how_often_is_said_as_people_say_it(count, said):
    assert phrases.times(count) == said


@pytest.mark.parametrize(("count", "said"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_a_number_stands_with_the_right_form(count, said):
    assert phrases.plural(count, "entry", "entries") == said
