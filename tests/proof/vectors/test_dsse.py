"""The example of the DSSE protocol, and an encoding worked out by hand."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from proof.envelope import pae
from proof.keys import check_signature


def test_lengths_are_counted_in_bytes():
    assert pae("a/ü", b"") == b"DSSEv1 4 a/\xc3\xbc 0 "
    assert pae("", b"x y") == b"DSSEv1 0  3 x y"


def test_a_space_moved_between_type_and_payload_is_another_encoding():
    assert pae("a b", b"c") != pae("a", b"b c")


def test_the_protocols_example_is_encoded_and_checks(vectors):
    case = json.loads((vectors / "notes.json").read_text())["dsse"]
    payload = base64.b64decode(case["payload"])
    numbers = EllipticCurvePublicNumbers(int(case["p256"]["x"]), int(case["p256"]["y"]), SECP256R1())
    raw = base64.b64decode(case["sig_p1363_b64"])

    encoded = pae(case["payloadType"], payload)

    assert encoded == case["pae"].encode()
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    check_signature(numbers.public_key(), signature, encoded)
