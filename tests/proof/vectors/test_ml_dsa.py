"""Project Wycheproof's ML-DSA, through the readers of the log's key (44, with contexts) and of passkeys (44 and 65)."""

import json

import pytest
from cryptography.exceptions import InvalidSignature

from proof import lattice, lattice_keys


def cases(vectors, level):
    found = json.loads((vectors / f"wycheproof/mldsa_{level}_verify_test.json").read_text())
    return [(group, case) for group in found["testGroups"] for case in group["tests"]]


def hexed(case, name):
    return bytes.fromhex(case.get(name, ""))


def test_the_kind_of_the_log(vectors):
    wrong = []
    for group, case in cases(vectors, 44):
        public = hexed(group, "publicKey")
        context = hexed(case, "ctx")
        found = len(public) == lattice.PUBLIC_BYTES and lattice.verify(
            public, hexed(case, "sig"), hexed(case, "msg"), context
        )
        if found != (case["result"] == "valid"):
            wrong.append((case["tcId"], case["comment"]))

    assert wrong == []


@pytest.mark.parametrize("level", [44, 65])
def test_the_passkeys_kinds(vectors, level):
    wrong = []
    for group, case in cases(vectors, level):
        if case.get("ctx"):
            continue  # a passkey signs without a context
        if holds(level, group, case) != (case["result"] == "valid"):
            wrong.append((case["tcId"], case["comment"]))

    assert wrong == []


def holds(level, group, case):
    key = lattice_keys.from_raw(level, hexed(group, "publicKey"))
    if key is None:
        return False
    try:
        key.verify(hexed(case, "sig"), hexed(case, "msg"))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("level", [44, 65])
def test_keys_in_der_are_read_as_others_write_them(vectors, level):
    seen = 0
    for group, _ in cases(vectors, level):
        spki = bytes.fromhex(group["publicKeyDer"] or "")
        key = lattice_keys.from_spki(spki)
        if key is not None:
            assert (key.raw, key.spki) == (hexed(group, "publicKey"), spki)
            seen += 1

    assert seen > 100
