"""Paths into JSON: what they find, and that what is none is refused with a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping import paths

BODY = {"labels": {"host": "web-1", "odd name": 7}, "items": [{"x": 1}, {"y": 2}, {"x": 3}], "tags": ["a", "b"]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
STEPS = st.lists(st.text(max_size=6) | st.integers(0, 99) | st.none(), min_size=1, max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("labels.host", ["web-1"]),
        ("$.labels.host", ["web-1"]),
        ('labels["odd name"]', [7]),
        ("items[*].x", [1, 3]),
        ("items[1].y", [2]),
        ("tags[*]", ["a", "b"]),
        ("tags[9]", []),
        ("tags.x", []),
        ("labels[0]", []),
        ("nothing.at.all", []),
        ("= prod eu", ["prod eu"]),
        ("$", [BODY]),
    ],
)
def test_a_path_finds_what_stands_there(text, found):
    assert list(paths.follow(paths.parse(text), BODY)) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", ".a", "a..b", "a.", "a[", "a[-1]", "a[x]", "a b", "{{ a }}", "a.*", "a()", "$$", "$a", 'a["x', "a" * 400),
        *("a" + ".b" * 30, "__import__('os')", "a;b(c)", 'a["\\x"]'),
    ],
)
def test_what_is_no_path_is_refused_with_a_sentence(text):
    with pytest.raises(paths.PathError, match=r"path|characters|steps"):
        paths.parse(text)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_steps_can_be_written_and_read_back(steps):
    assert paths.parse(paths.write(steps)).steps == steps


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), JSON)
def test_nothing_typed_as_a_path_raises_anything_else(text, value):
    try:
        path = paths.parse(text)
    except paths.PathError:
        return
    list(paths.follow(path, value))


def test_a_name_with_signs_that_nobody_sees_is_written_so_that_they_are_seen():
    told = paths.write(("a", "\u202elevel"))

    assert told == 'a["\\u202elevel"]'
    assert list(paths.follow(paths.parse(told), {"a": {"\u202elevel": 14}})) == [14]
