"""The test vectors of WebAuthn Level 3, section 16, worked out again by the rule that it gives for them.

All inputs come from HKDF over one phrase, and the signatures are deterministic, so only the ends of the published
signatures stand here.
"""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from proof import keys, webauthn
from proof.envelope import SignatureError
from proof.keys import Key

UP, UV, BE, BS = 1, 4, 8, 16
EXTRA = "clientDataJSON may be extended with additional fields in the future, such as this: "
# name, first salt of the authentication, published signature
PUBLISHED = {
    "none.ES256": (
        7,
        (
            "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d"
            "78c6e486013f937295ea13653e331e87"
        ),
    ),
    "packed-self.ES256": (
        7,
        (
            "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994"
            "a83ef584b3b6b825ea3550251b66"
        ),
    ),
    "none.ES256.crossOrigin": (
        7,
        (
            "3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db77b3c56f30837cda6a09a"
            "cfa2e915544e609c0733b1184036d1cf"
        ),
    ),
    "packed.EdDSA": (
        9,
        (
            "f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85393bc0d40b011f0d6fecb097d6607525713223a0"
            "dc0d453993dae00b"
        ),
    ),
}


def derived(name, salt, length):
    return HKDF(SHA256(), length, bytes([salt]), name.encode()).derive(b"WebAuthn test vectors")


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Vector:
    """One authentication of the specification: key, flags, what the browser said."""

    def __init__(self, name):
        first = PUBLISHED[name][0]
        seed = derived(name, 1, 32)
        self.edwards = name.endswith("EdDSA")
        self.private = (
            Ed25519PrivateKey.from_private_bytes(seed)
            if self.edwards
            else ec.derive_private_key(int.from_bytes(seed), ec.SECP256R1())
        )
        self.challenge = b64url(derived(name, first, 32))
        self.eligible = bool(derived(name, 6, 1)[0] & BE)
        extended = derived(name, first + 1, 1)[0] & 1
        self.client = {
            "type": "webauthn.get",
            "challenge": self.challenge,
            "origin": "https://example.org",
            "crossOrigin": "crossOrigin" in name,
        }
        if extended:
            self.client["extraData"] = EXTRA + b64url(derived(name, first + 2, 16))
        wish = derived(name, first + 2 + extended, 1)[0]
        self.flags = UP | wish & UV | (BE if self.eligible else 0) | (wish & BS if self.eligible else 0)

    @property
    def client_data(self):
        return json.dumps(self.client, separators=(",", ":")).encode()

    @property
    def authenticator_data(self):
        return hashlib.sha256(b"example.org").digest() + bytes([self.flags]) + bytes(4)

    def assertion(self):
        signed = self.authenticator_data + hashlib.sha256(self.client_data).digest()
        if self.edwards:
            signature = self.private.sign(signed)
        else:
            signature = self.private.sign(signed, ec.ECDSA(SHA256(), deterministic_signing=True))
        return webauthn.Assertion(
            authenticator_data=self.authenticator_data, client_data_json=self.client_data, signature=signature
        )

    def key(self):
        public = keys.pem_of(self.private.public_key())
        return Key(
            key_id=keys.key_id_of(public), key_class="webauthn", public=public, person_id="ada",
            rp_id="example.org", origins=("https://example.org",), backup_eligible=self.eligible,
        )  # fmt: skip

    def check(self, monkeypatch, assertion=None):
        """Our own challenge binds bytes; here it is the published one."""
        monkeypatch.setattr(webauthn, "challenge", lambda *_: self.challenge)
        webauthn.verify(assertion or self.assertion(), self.key(), "any", b"any")


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_published_signature_is_worked_out_and_checks(name):
    vector = Vector(name)
    signature = bytes.fromhex(PUBLISHED[name][1])
    signed = vector.authenticator_data + hashlib.sha256(vector.client_data).digest()

    assert vector.assertion().signature == signature
    keys.check_signature(keys.load_pem(vector.key().public), signature, signed)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("none.ES256", "did not check who"),
        ("packed-self.ES256", "did not check who"),
        ("packed.EdDSA", "did not check who"),
        ("none.ES256.crossOrigin", "inside another site"),
    ],
)
def test_what_is_too_weak_for_signing_is_refused_though_its_signature_is_right(name, why, monkeypatch):
    with pytest.raises(SignatureError, match=why):
        Vector(name).check(monkeypatch)


@pytest.mark.parametrize("name", ["none.ES256", "packed-self.ES256", "packed.EdDSA"])
def test_with_a_checked_user_each_is_taken_and_none_with_a_bit_changed(name, monkeypatch):
    vector = Vector(name)
    vector.flags |= UV
    vector.check(monkeypatch)

    good = vector.assertion()
    for place in range(0, len(good.signature) * 8, 7):
        data = bytearray(good.signature)
        data[place // 8] ^= 1 << place % 8
        bad = webauthn.Assertion(
            authenticator_data=good.authenticator_data, client_data_json=good.client_data_json, signature=bytes(data)
        )
        with pytest.raises(SignatureError):
            vector.check(monkeypatch, bad)
