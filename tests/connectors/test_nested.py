"""JSON within a field: read as strictly as a body, and its oddities said."""

from connectors.nested import nested
from connectors.reading import Notes


def test_json_within_a_text_is_read_as_strictly_as_a_body():
    notes = Notes()

    assert nested('[{"tag": "a"}]', notes) == [{"tag": "a"}]
    assert nested("a:1, b:2", notes) is None
    assert nested('{"a": NaN}', notes) is None
    assert nested("[" * 500, notes) is None
    assert "not read" in " ".join(notes.said)


def test_what_was_odd_in_it_is_noted():
    notes = Notes()

    assert nested('{"a": 1, "a": 2}', notes) == {"a": 2}
    assert "stands twice" in " ".join(notes.said)
