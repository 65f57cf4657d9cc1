"""A passkey in software: enough of an authenticator and of a browser to enrol and to sign."""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from proof.binary import b64url
from proof.envelope import PAYLOAD_TYPE
from proof.signatures import webauthn_sidecar
from proof.webauthn import Assertion, challenge

UP, UV, BE, AT = 1, 4, 8, 64


class Authenticator:
    """One passkey for one site."""

    def __init__(
        self, *, rp_id: str = "localhost", origin: str = "http://localhost:8000", flags: int = UP | UV
    ) -> None:
        self.rp_id, self.origin, self.flags = rp_id, origin, flags
        self.private = generate_private_key(SECP256R1())
        self.credential = secrets.token_bytes(16)
        self.count = 0

    def create(self, options: dict[str, Any], **client: Any) -> dict[str, Any]:
        """What the browser answers to registration options."""
        numbers = self.private.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cose
        data = self._head(self.flags | AT) + attested
        made = {
            "type": "webauthn.create",
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return {
            "id": b64url(self.credential),
            "rawId": b64url(self.credential),
            "type": "public-key",
            "response": {
                "attestationObject": b64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "clientDataJSON": b64url(json.dumps({**made, **client}).encode()),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        }

    def sign(self, statement: bytes, key_id: str, payload_type: str = PAYLOAD_TYPE) -> bytes:
        """A sidecar over a statement or an act."""
        made = self.assertion(payload_type, statement)
        return webauthn_sidecar(
            statement, made, credential_id=b64url(self.credential), key_id=key_id, payload_type=payload_type
        )

    def assertion(self, payload_type: str, payload: bytes) -> Assertion:
        """What the browser answers when asked to sign bytes."""
        self.count += 1
        said = {
            "type": "webauthn.get",
            "challenge": challenge(payload_type, payload),
            "origin": self.origin,
            "crossOrigin": False,
        }
        client, data = json.dumps(said).encode(), self._head(self.flags)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return Assertion(authenticator_data=data, client_data_json=client, signature=signature)

    def _head(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
