"""RFC 8785: what our profile takes comes out as there, and what it leaves out is refused, never rewritten."""

import json

import pytest
import rfc8785

from proof import canonical
from proof.canonical import CanonicalError

OUTSIDE = {
    "arrays": "member name",  # "10", "1"
    "french": "member name",
    "structures": "member name",
    "unicode": "member name",
    "values": "float",
    "weird": "member name",
}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": [1, -0, 2**53 - 1], "a": None}, b'{"a":null,"b":[1,0,9007199254740991]}'),
        ({"t": "\u20ac$\x0f\nA'B\"\\\\\"/"}, '{"t":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()),
        ({"t": "\x7f\x80\u2028\ud83d\ude02".encode("utf-16", "surrogatepass").decode("utf-16")},
         '{"t":"\x7f\x80\u2028\U0001f602"}'.encode()),
        ([True, False, {}, []], b"[true,false,{},[]]"),
    ],
)  # fmt: skip
def test_the_profile_is_that_of_the_rfc(value, written):
    assert canonical.dumps(value) == written == rfc8785.dumps(value)
    assert canonical.loads(written) == value


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_public_documents_outside_the_profile_are_refused(name, vectors):
    data = (vectors / f"jcs/output/{name}.json").read_bytes()
    hexed = (vectors / f"jcs/outhex/{name}.txt").read_text()
    assert bytes.fromhex(hexed) == data, "the files themselves agree"

    with pytest.raises(CanonicalError):
        canonical.loads(data)
    with pytest.raises(CanonicalError, match=OUTSIDE[name]):
        canonical.dumps(json.loads((vectors / f"jcs/input/{name}.json").read_bytes()))


def renamed(value):
    """The same with member names that the profile takes, and without the numbers that it leaves out."""
    if isinstance(value, dict):
        return {f"m{place:03}": renamed(item) for place, item in enumerate(value.values())}
    if isinstance(value, list):
        return [renamed(item) for item in value]
    return repr(value) if isinstance(value, float) else value


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_public_documents_brought_into_the_profile_come_out_as_by_the_rfc(name, vectors):
    value = renamed(json.loads((vectors / f"jcs/input/{name}.json").read_bytes()))
    if name == "unicode":  # text that is not in normal form C is read, and never written
        with pytest.raises(CanonicalError, match="normal form"):
            canonical.dumps(value)
        assert canonical.loads(rfc8785.dumps(value)) == value
        return

    assert canonical.dumps(value) == rfc8785.dumps(value)
