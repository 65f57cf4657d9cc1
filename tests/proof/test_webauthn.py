import json

import cbor2
import pytest
import webauthn as other
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from proof import cose, keys, webauthn
from proof.binary import b64url, unb64url
from proof.envelope import PAYLOAD_TYPE, SignatureError
from proof.keys import Key, KeyFormatError
from tests.proof.cast import ORIGIN, PASSKEY

BEN = PASSKEY["ben"]
KEY = Key(
    key_id=BEN.key_id, key_class="webauthn", public=BEN.public, person_id="ben", credential_id=BEN.credential_id,
    rp_id="localhost", origins=(ORIGIN,),
)  # fmt: skip
PAYLOAD = b'{"a":1}'


def check(key=KEY, payload=PAYLOAD, **changes):
    webauthn.verify(BEN.assertion(PAYLOAD, **changes), key, PAYLOAD_TYPE, payload)


def test_an_assertion_over_the_payload_is_accepted():
    check()


def test_another_implementation_agrees():
    found = BEN.assertion(PAYLOAD)
    cose_key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: coordinate("x"), -3: coordinate("y")})

    verified = other.verify_authentication_response(
        credential=AuthenticationCredential(
            id=BEN.credential_id,
            raw_id=unb64url(BEN.credential_id),
            response=AuthenticatorAssertionResponse(
                client_data_json=found.client_data_json,
                authenticator_data=found.authenticator_data,
                signature=found.signature,
            ),
        ),
        expected_challenge=unb64url(webauthn.challenge(PAYLOAD_TYPE, PAYLOAD)),
        expected_rp_id="localhost",
        expected_origin=ORIGIN,
        credential_public_key=cose_key,
        credential_current_sign_count=0,
        require_user_verification=True,
    )

    assert verified.user_verified
    assert cose.pem_of_cose(cose_key) == BEN.public


def coordinate(axis):
    return getattr(BEN.private.public_key().public_numbers(), axis).to_bytes(32, "big")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "webauthn.create"}, "not one of signing"),
        ({"challenge": b64url(bytes(32))}, "something else"),
        ({"origin": "http://localhost:8001"}, "another site"),
        ({"origin": "https://evil.example"}, "another site"),
        ({"crossOrigin": True}, "inside another"),
        ({"crossOrigin": "false"}, "inside another"),
        ({"topOrigin": "https://evil.example"}, "inside another"),
        ({"rp_id": "evil.example"}, "for another site"),
        ({"flags": 0x04}, "Nobody touched"),
        ({"flags": 0x01}, "did not check"),
        ({"flags": 0x00}, "Nobody touched"),
        ({"flags": 0x0D}, "backup"),
        ({"flags": 0x15}, "backup"),
        ({"flags": 0x45}, "does not belong"),
        ({"flags": 0x85}, "does not belong"),
        ({"extra": b"x"}, "does not belong"),
        ({"padding": "x" * 5000}, "too long"),
    ],
)
def test_anything_out_of_place_is_refused(changes, why):
    with pytest.raises(SignatureError, match=why):
        check(**changes)


def test_a_signature_over_another_payload_is_refused():
    with pytest.raises(SignatureError, match="something else"):
        check(payload=b'{"a":2}')


def test_another_persons_passkey_is_refused():
    stranger = PASSKEY["mallory"].assertion(PAYLOAD)

    with pytest.raises(SignatureError, match="is wrong"):
        webauthn.verify(stranger, KEY, PAYLOAD_TYPE, PAYLOAD)


def test_a_key_that_was_synced_at_enrolment_must_stay_so():
    synced = Key(
        key_id=KEY.key_id, key_class="webauthn", public=KEY.public, person_id="ben", rp_id="localhost",
        origins=(ORIGIN,), backup_eligible=True,
    )  # fmt: skip

    check(synced, flags=0x0D)
    check(synced, flags=0x1D)
    with pytest.raises(SignatureError, match="backup"):
        check(synced)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"[[1,2]]", b"1", b"\xff", b"{", b"{}", b'{"type":"webauthn.get","type":"webauthn.get"}']
)
def test_client_data_that_is_no_object_is_refused(data):
    found = BEN.assertion(PAYLOAD)
    broken = webauthn.Assertion(
        authenticator_data=found.authenticator_data, client_data_json=data, signature=found.signature
    )

    with pytest.raises(SignatureError):
        webauthn.verify(broken, KEY, PAYLOAD_TYPE, PAYLOAD)


def test_authenticator_data_too_short_is_refused():
    found = BEN.assertion(PAYLOAD)
    broken = webauthn.Assertion(
        authenticator_data=found.authenticator_data[:36],
        client_data_json=found.client_data_json,
        signature=found.signature,
    )

    with pytest.raises(SignatureError, match="too short"):
        webauthn.verify(broken, KEY, PAYLOAD_TYPE, PAYLOAD)
    assert webauthn.sign_count(found.authenticator_data) == 0


def test_ed25519_passkeys_work():
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    raw = private.public_key().public_bytes_raw()
    public = cose.pem_of_cose(cbor2.dumps({1: 1, 3: -8, -1: 6, -2: raw}))
    found = BEN.assertion(PAYLOAD)
    import hashlib

    signed = found.authenticator_data + hashlib.sha256(found.client_data_json).digest()
    mine = webauthn.Assertion(
        authenticator_data=found.authenticator_data,
        client_data_json=found.client_data_json,
        signature=private.sign(signed),
    )
    key = Key(
        key_id=keys.key_id_of(public), key_class="webauthn", public=public, person_id="ben", rp_id="localhost",
        origins=(ORIGIN,),
    )  # fmt: skip

    webauthn.verify(mine, key, PAYLOAD_TYPE, PAYLOAD)
    with pytest.raises(SignatureError, match="is wrong"):
        webauthn.verify(found, key, PAYLOAD_TYPE, PAYLOAD)


@pytest.mark.parametrize(
    "value",
    [
        {1: 3, 3: -257, -1: b"n", -2: b"e"},
        {1: 1, 3: -8, -1: 6, -2: bytes(32)},
        {1: 1, 3: -8, -1: 6, -2: bytes(31)},
        {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)},
        {1: 2, 3: -7, -1: 2, -2: bytes(32), -3: bytes(32)},
        {1: "x"},
        [],
        {},
    ],
)
def test_other_keys_are_refused_at_enrolment(value):
    with pytest.raises(KeyFormatError):
        cose.pem_of_cose(cbor2.dumps(value))


@pytest.mark.parametrize(
    "damage",
    [lambda d: d[:-1], lambda d: d + b"\0", lambda _: b"", lambda _: b"\xa1", lambda _: b"\xa2\x01\x01\x01\x01"],
)
def test_damaged_cose_keys_are_refused(damage):
    private = ec.derive_private_key(5, ec.SECP256R1()).public_key().public_numbers()
    data = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: private.x.to_bytes(32, "big"), -3: private.y.to_bytes(32, "big")})

    with pytest.raises(KeyFormatError):
        cose.pem_of_cose(damage(data))


def test_the_challenge_is_unpadded_base64url_of_a_digest():
    text = webauthn.challenge(PAYLOAD_TYPE, PAYLOAD)

    assert len(unb64url(text)) == 32
    assert json.loads(BEN.assertion(PAYLOAD).client_data_json)["challenge"] == text
