import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.intake import strict_json
from connectors.intake.strict_json import MAX_DEPTH, parse
from core.errors import BadInputError

NASTY = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n ", "empty"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "not UTF-8"),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-le"), "not JSON"),
    "Latin-1": (b'{"a":"\xe9"}', "not UTF-8"),
    "an overlong slash": (b'{"a":"\xc0\xaf"}', "at byte 6"),
    "a coded surrogate": (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
    "text": (b"hello", "line 1, column 1"),
    "half an object": (b'{"a":', "not JSON"),
    "two objects": (b"{}{}", "Extra data"),
    "single quotes": (b"{'a':1}", "not JSON"),
    "a trailing comma": (b'{"a":1,}', "not JSON"),
    "a raw newline in a string": (b'{"a":"\n"}', "control character"),
    "NaN": (b'{"a":NaN}', "NaN"),
    "Infinity": (b'{"a":-Infinity}', "-Infinity"),
    "1e999": (b'{"a":1e999}', "beyond"),
    "minus 1e999": (b"[-1e999]", "beyond"),
    "5,000 digits": (b"[" + b"9" * 5000 + b"]", "5000 digits"),
    "a number of 5,000 places": (b"[0." + b"9" * 5000 + b"]", "beyond"),
    "deep arrays": (b"[" * 100_000, "nested deeper"),
    "closed deep arrays": (b"[" * 5000 + b"]" * 5000, "nested deeper"),
    "deep objects": (b'{"a":' * 50_000, "nested deeper"),
    "one level too deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested deeper"),
    "too many values": (b"[" + b"1," * 250_000 + b"1]", "more than"),
    "too many keys": (json.dumps({str(n): n for n in range(30_000)}).encode(), "keys"),
    "a string": (b'"x"', "is a string"),
    "a number": (b"7", "is a number"),
    "true": (b"true", "true or false"),
    "null": (b"null", "is null"),
}


@pytest.mark.parametrize(("body", "says"), NASTY.values(), ids=NASTY.keys())
def test_a_nasty_body_is_refused_with_what_is_wrong_and_where(body, says):
    with pytest.raises(BadInputError) as refused:
        parse(body)

    assert says in refused.value.detail


def test_a_syntax_error_names_line_and_column():
    with pytest.raises(BadInputError) as refused:
        parse(b'{\n  "a": oops\n}')

    assert refused.value.facts == {"line": 2, "column": 8}


@pytest.mark.parametrize(
    ("body", "value", "says"),
    [
        (b'{"a":1,"a":2}', {"a": 2}, "'a' stands twice"),
        (b'{"a":"x\\u0000y"}', {"a": "x\ufffdy"}, "NUL"),
        (b'{"a":"\\ud800"}', {"a": "\ufffd"}, "surrogates"),
        (b'{"\\udfff":1}', {"\ufffd": 1}, "surrogates"),
    ],
)
def test_what_is_odd_but_bearable_is_mended_and_noted(body, value, says):
    parsed, warnings = parse(body)

    assert parsed == value
    assert says in " ".join(warnings)
    json.dumps(parsed, ensure_ascii=False).encode()


def test_ordinary_json_passes_without_a_word():
    value = {"a": [1, 2.5, None, True, "é", {"b": {}}], "big": 2**60, "deep": json.loads("[" * 60 + "]" * 60)}

    assert parse(json.dumps(value).encode()) == (value, ())


def test_text_is_composed():
    assert parse('["e\u0301"]'.encode())[0] == ["\u00e9"]


TEXT = st.text(max_size=4) | st.sampled_from(["\0", "\ud800", "e\u0301", "\\u0000", "{[", '"', "\x7f"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=40,
)


@given(value=st.lists(VALUES, max_size=3) | st.dictionaries(TEXT, VALUES, max_size=3), escaped=st.booleans())
def test_what_a_glance_takes_for_plain_is_what_a_walk_leaves_as_it_is(value, escaped):
    body = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "replace")
    glanced = parse(body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_json, "_is_plain", lambda _: False)
        assert parse(body) == glanced


def test_as_deep_as_may_be_is_plain_and_one_level_deeper_is_not():
    assert strict_json._is_plain(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert not strict_json._is_plain(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
