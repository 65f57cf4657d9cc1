"""What a device answers when a passkey is made (WebAuthn 7.1), each part bent once; the algorithms that are taken."""

import hashlib
import json

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals import passkeys
from core.errors import RefusedError
from proof.binary import b64url, unb64url
from tests.approvals.authenticator import AT, BE, UP, UV, Authenticator

CHALLENGE = b"c" * 32
ORIGIN = "http://localhost:8000"


def verified(credential, **over):
    wanted = {"rp_id": "localhost", "origins": (ORIGIN,), "label": "laptop", **over}
    return passkeys.verified(credential, CHALLENGE, **wanted)


def made(device=None, **client):
    return (device or Authenticator()).create({"challenge": b64url(CHALLENGE)}, **client)


def bent(change):
    """The answer with its authenticator's data changed."""
    credential = made()
    attestation = cbor2.loads(unb64url(credential["response"]["attestationObject"]))
    change(attestation)
    credential["response"]["attestationObject"] = b64url(cbor2.dumps(attestation))
    return credential


def with_cose(cose: dict, credential_id: bytes = b"k" * 16, tail: bytes = b"", flags: int = UP | UV | AT):
    head = hashlib.sha256(b"localhost").digest() + bytes([flags]) + bytes(4) + bytes(16)
    data = head + len(credential_id).to_bytes(2, "big") + credential_id + cbor2.dumps(cose) + tail
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    client = {"type": "webauthn.create", "challenge": b64url(CHALLENGE), "origin": ORIGIN, "crossOrigin": False}
    return {
        "rawId": b64url(credential_id),
        "response": {
            "attestationObject": b64url(attestation),
            "clientDataJSON": b64url(json.dumps(client).encode()),
        },
    }


def test_an_es256_key_is_taken():
    key = verified(made())

    assert key.public.startswith("-----BEGIN PUBLIC KEY-----\nMFkw")
    assert (key.backup_eligible, key.device_bound) == (False, True)
    assert verified(made(Authenticator(flags=UP | UV | BE))).device_bound is False


def test_an_ed25519_key_is_taken():
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

    key = verified(with_cose({1: 1, 3: -8, -1: 6, -2: raw}))

    assert key.public.startswith("-----BEGIN PUBLIC KEY-----\nMCow")


@pytest.mark.parametrize(("algorithm", "size"), [(-48, 1312), (-49, 1952)])
def test_an_ml_dsa_key_is_taken(algorithm, size):
    from cryptography.hazmat.primitives.asymmetric import mldsa

    private = {-48: mldsa.MLDSA44PrivateKey, -49: mldsa.MLDSA65PrivateKey}[algorithm].generate()
    raw = private.public_key().public_bytes_raw()
    assert len(raw) == size

    key = verified(with_cose({1: 7, 3: algorithm, -1: raw}))

    assert len(key.key_id) == 64


@pytest.mark.parametrize(
    "cose",
    [
        {1: 3, 3: -257, -1: b"n" * 256, -2: b"\x01\x00\x01"},
        {1: 1, 3: -8, -1: 6, -2: (1).to_bytes(32, "little")},
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        {1: 7, 3: -50, -1: b"k" * 2592},
        {},
    ],
    ids=["RSA", "low order", "not on the curve", "ML-DSA-87", "empty"],
)
def test_other_and_weak_keys_are_refused(cose):
    with pytest.raises(RefusedError, match="not accepted"):
        verified(with_cose(cose))


@pytest.mark.parametrize(
    "client",
    [
        {"type": "webauthn.get"},
        {"challenge": b64url(b"d" * 32)},
        {"origin": "https://evil.example"},
        {"crossOrigin": True},
        {"topOrigin": "https://evil.example"},
    ],
    ids=["a signature", "another challenge", "another site", "a frame", "inside another page"],
)
def test_client_data_of_another_occasion_is_refused(client):
    with pytest.raises(RefusedError, match="not accepted"):
        verified(made(**client))


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(fmt="packed", attStmt={"alg": -7, "sig": b"s"}),
        lambda found: found.update(attStmt={"x": 1}),
        lambda found: found.update(authData=found["authData"][:50]),
        lambda found: found.update(authData=found["authData"] + b"\xa0"),
        lambda found: found.update(authData=b"x" * 32 + found["authData"][32:]),
        lambda found: found.update(authData=found["authData"][:32] + b"\x41" + found["authData"][33:]),
        lambda found: found.update(authData=found["authData"][:32] + b"\x55" + found["authData"][33:]),
        lambda found: found.update(authData="text"),
        lambda found: found.pop("authData"),
    ],
    ids=[
        "an attestation",
        "a statement",
        "cut off",
        "bytes left over",
        "another site",
        "no user verification",
        "backed up but not eligible",
        "text",
        "nothing",
    ],
)
def test_authenticator_data_that_is_not_as_it_must_be_is_refused(change):
    with pytest.raises(RefusedError, match="not accepted"):
        verified(bent(change))


def test_another_credential_than_it_holds_is_refused():
    with pytest.raises(RefusedError, match="another credential"):
        verified({**made(), "rawId": b64url(b"other")})


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x9f" * 5000, b"\x81" * 15_000, b"x" * 20_000])
def test_rubbish_for_an_attestation_is_refused(data):
    credential = made()
    credential["response"]["attestationObject"] = b64url(data)

    with pytest.raises(RefusedError, match="not accepted"):
        verified(credential)


def test_the_library_that_others_wrote_agrees():
    """py_webauthn takes what we take, of the algorithms that it knows."""
    import webauthn

    credential = made()
    found = webauthn.verify_registration_response(
        credential=credential,
        expected_challenge=CHALLENGE,
        expected_rp_id="localhost",
        expected_origin=ORIGIN,
        require_user_verification=True,
    )

    assert b64url(found.credential_id) == verified(credential).credential_id
