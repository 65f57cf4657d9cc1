"""YAML that people write is read strictly, and nothing in it breaks the reader."""

import pytest

from core.strict_yaml import NotYamlError, read


@pytest.mark.parametrize("text", ['!!int ""', '!!float ""', "!!bool x", "!!timestamp x", "- {a: !!int }"])
def test_a_value_that_is_not_what_its_tag_claims_is_refused(text):
    with pytest.raises(NotYamlError, match="leave the tag out"):
        read(text)


@pytest.mark.parametrize(
    "text", ["a: [", "2001-13-45", "a\x00b", "[" * 3_000, "!!python/object:os.system {}", "? [a]\n: b"]
)
def test_what_is_no_yaml_is_refused(text):
    with pytest.raises(NotYamlError):
        read(text)


def test_a_name_that_stands_twice_in_one_map_is_refused_with_its_line():
    with pytest.raises(NotYamlError, match=r"'when' stands twice in one map(.|\n)*line 3"):
        read("- name: a\n  when: x\n  when: y\n")


def test_what_is_written_well_is_read():
    assert read("- {a: 1, b: [x, true]}\n- &c {d: e}\n- *c\n") == [{"a": 1, "b": ["x", True]}, {"d": "e"}, {"d": "e"}]
    assert read("base: &b {x: 1}\nmore: {<<: *b, y: 2}\n") == {"base": {"x": 1}, "more": {"x": 1, "y": 2}}
    assert read("") is None
