import json
import re
import unicodedata

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proof import canonical
from proof.canonical import CanonicalError

KEYS = st.from_regex(r"_?[a-z][A-Za-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: unicodedata.normalize("NFC", text))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_it_is_rfc_8785_and_reads_back_what_it_wrote(value):
    data = canonical.dumps(value)

    assert data == rfc8785.dumps(value)
    assert canonical.loads(data) == value


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), {"A": 1}, {"a-b": 1}, {"": 1}, {"__proto__": 1}, {"1": 1}, {1: 1}, b"x", {"a"},
     "e\u0301", "\ud800", {"a\n": 1}],
)  # fmt: skip
def test_what_the_profile_lacks_is_not_written(value):
    with pytest.raises(CanonicalError):
        canonical.dumps({"value": value})


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1}\n', b'\xef\xbb\xbf{"a":1}',
        b'{"a":1.0}', b'{"a":1e2}',
        b'{"a":-0}', b'{"a":NaN}', b'{"a":"\\u0041"}', b'{"a":"\\/"}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"", b"{",
        b'{"a":9007199254740992}', b'{"a":' + b"9" * 5000 + b"}", b"[" * 50_000, b'{"A":1}', b"[" * 17 + b"]" * 17,
    ],
)  # fmt: skip
def test_bytes_in_any_other_form_are_refused(data):
    with pytest.raises(CanonicalError):
        canonical.loads(data)


def test_the_normal_form_is_checked_at_writing_only():
    assert canonical.loads('"e\u0301"'.encode()) == "e\u0301"


def test_truth_is_not_a_number():
    assert canonical.dumps({"a": True, "b": 1}) == b'{"a":true,"b":1}'


def test_sizes_end_exactly_where_they_are_said_to():
    assert len(canonical.dumps("x" * 59_998)) == 60_000
    with pytest.raises(CanonicalError):
        canonical.dumps("x" * 59_999)
    assert len(canonical.dumps("x" * 59_999, max_bytes=60_001)) == 60_001
    with pytest.raises(CanonicalError):
        canonical.loads(b'"' + b"x" * 59_999 + b'"')


def test_sixteen_levels_are_the_deepest():
    assert canonical.loads(b"[" * 15 + b"1" + b"]" * 15)
    with pytest.raises(CanonicalError):
        canonical.loads(b"[" * 16 + b"1" + b"]" * 16)


def test_public_vectors_are_refused_whole_and_their_parts_within_the_profile_come_out_right(vectors):
    inside = 0
    for source in sorted((vectors / "jcs" / "outhex").glob("*.txt")):
        wanted = bytes.fromhex(re.sub(r"\s", "", source.read_text()))
        with pytest.raises(CanonicalError):
            canonical.loads(wanted)
        value = json.loads(wanted)
        for part in value if isinstance(value, list) else value.values():
            if not isinstance(part, float | list | dict) and unicodedata.is_normalized("NFC", str(part)):
                assert canonical.dumps(part) in wanted
                inside += 1

    assert inside > 10
