"""Project Wycheproof: every signature that is wrong is refused, and why a right one is refused is said here."""

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from proof import sshsig
from proof.envelope import SignatureError
from proof.keys import KeyFormatError, check_signature, supported


def cases(vectors, name):
    found = json.loads((vectors / "wycheproof" / f"{name}_test.json").read_text())
    return [(group, case) for group in found["testGroups"] for case in group["tests"]]


def outcome(check):
    try:
        check()
    except (InvalidSignature, SignatureError, KeyFormatError, ValueError):
        return "invalid"
    return "valid"


def public_of(group):
    return supported(load_der_public_key(bytes.fromhex(group["publicKeyDer"])))


def test_ed25519(vectors):
    wrong, refused = [], 0
    for group, case in cases(vectors, "ed25519"):
        message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        try:
            public = public_of(group)
        except KeyFormatError:
            refused += 1
            continue
        found = outcome(lambda key=public, s=signature, m=message: check_signature(key, s, m))
        if found != case["result"]:
            wrong.append(case["tcId"])

    assert wrong == []
    assert refused == 0, "none of the keys of these vectors is weak"


def test_ecdsa_in_der(vectors):
    wrong = [
        case["tcId"]
        for group, case in cases(vectors, "ecdsa_secp256r1_sha256")
        if outcome(lambda g=group, c=case: check_signature(public_of(g), hexed(c, "sig"), hexed(c, "msg")))
        != case["result"]
    ]

    assert wrong == []


def hexed(case, name):
    return bytes.fromhex(case[name])


def test_ecdsa_as_two_numbers(vectors):
    """The form of DSSE examples and browsers: as long as two field elements, whatever the numbers."""
    wrong = [
        case["tcId"]
        for group, case in cases(vectors, "ecdsa_secp256r1_sha256_p1363")
        if outcome(lambda g=group, c=case: check_p1363(public_of(g), hexed(c, "sig"), hexed(c, "msg")))
        != case["result"]
    ]

    assert wrong == []


def check_p1363(public, raw, message):
    if len(raw) != 64:
        raise InvalidSignature
    check_signature(public, encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])), message)


def test_ecdsa_as_ssh_writes_it(vectors):
    """The numbers of the vectors in the form of RFC 5656, through the code that reads SSH signatures."""
    wrong, count = [], 0
    for group, case in cases(vectors, "ecdsa_secp256r1_sha256_p1363"):
        raw = hexed(case, "sig")
        if len(raw) != 64:
            continue
        count += 1
        numbers = (int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        written = b"".join(sshsig._string(sshsig._mpint(number)) for number in numbers)
        check = outcome(lambda g=group, w=written, c=case: sshsig._verify_raw(public_of(g), w, hexed(c, "msg")))
        if check != case["result"]:
            wrong.append(case["tcId"])

    assert wrong == []
    assert count > 200
