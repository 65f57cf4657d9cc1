"""The cast and their keys: people at terminals and in browsers, and our own services."""

import hashlib
import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proof import keys, multisig, sshsig, webauthn
from proof.binary import b64url
from proof.envelope import PAYLOAD_TYPE, pae
from proof.signatures import namespace_of, ssh_sidecar, webauthn_sidecar

NOW = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
INSTALLATION = "0a" * 16
ORIGIN = "http://localhost:8000"
ALL_CLASSES = ["ssh-file", "ssh-sk", "ssh-sk-uv", "webauthn"]


def at(minute, second=0):
    return f"2026-03-01T12:{minute:02}:{second:02}.000000Z"


def service_key(name):
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def pem(private):
    return keys.pem_of(private.public_key())


ROOT, LOG, POLICY = service_key("root"), service_key("log"), service_key("policy")


class SshSigner:
    """A person at a terminal, with a key in a file."""

    key_class = "ssh-file"

    def __init__(self, name):
        self.private = service_key(f"ssh {name}")
        self.public = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        self.key_id = keys.key_id_of(self.public)
        self.entry = {
            "credential_id": "", "origins": [], "rp_id": "", "backup_eligible": False, "device_bound": False,
        }  # fmt: skip

    def sign(self, statement, payload_type=PAYLOAD_TYPE):
        namespace = namespace_of(payload_type, statement)
        armored = sshsig.sign(self.private, namespace, pae(payload_type, statement))
        return ssh_sidecar(statement, armored, self.key_id, payload_type)

    def sign_document(self, payload_type, payload):
        armored = sshsig.sign(self.private, multisig.namespace_of(payload_type), pae(payload_type, payload))
        return multisig.Signature(key_id=self.key_id, made=armored)


class Passkey:
    """A browser with an authenticator, in software."""

    key_class = "webauthn"

    def __init__(self, name):
        self.private = ec.derive_private_key(
            int.from_bytes(hashlib.sha256(name.encode()).digest()) >> 8, ec.SECP256R1()
        )
        self.public = pem(self.private)
        self.key_id = keys.key_id_of(self.public)
        self.credential_id = b64url(f"credential of {name}".encode())
        self.entry = {
            "credential_id": self.credential_id, "origins": [ORIGIN], "rp_id": "localhost", "backup_eligible": False,
            "device_bound": False,
        }  # fmt: skip

    def assertion(self, payload, *, payload_type=PAYLOAD_TYPE, flags=0x05, rp_id="localhost", extra=b"", **client):
        data = {
            "type": "webauthn.get",
            "challenge": webauthn.challenge(payload_type, payload),
            "origin": ORIGIN,
            "crossOrigin": False,
        }
        client_data = json.dumps({**data, **client}).encode()
        authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4) + extra
        signed = authenticator + hashlib.sha256(client_data).digest()
        signature = self.private.sign(signed, ec.ECDSA(SHA256()))
        return webauthn.Assertion(authenticator_data=authenticator, client_data_json=client_data, signature=signature)

    def sign(self, statement, payload_type=PAYLOAD_TYPE, **changes):
        assertion = self.assertion(statement, payload_type=payload_type, **changes)
        return webauthn_sidecar(
            statement, assertion, credential_id=self.credential_id, key_id=self.key_id, payload_type=payload_type
        )

    def sign_document(self, payload_type, payload):
        made = self.assertion(payload, payload_type=payload_type)
        return multisig.Signature(key_id=self.key_id, made=made, credential_id=self.credential_id)


NAMES = ("ada", "ben", "cleo", "dan", "eve", "mallory")
SSH = {name: SshSigner(name) for name in NAMES}
PASSKEY = {name: Passkey(name) for name in NAMES}
