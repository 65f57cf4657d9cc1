"""A passkey for signing in, in software."""

import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from proof.binary import b64url
from tests.approvals.authenticator import Authenticator


class SignInKey(Authenticator):
    """What a browser answers to `navigator.credentials.get`."""

    def get(self, options, **client):
        self.count += 1
        asked = {"type": "webauthn.get", "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        said, data = json.dumps({**asked, **client}).encode(), self._head(self.flags)
        signature = self.private.sign(data + hashlib.sha256(said).digest(), ECDSA(SHA256()))
        return {
            "id": b64url(self.credential),
            "rawId": b64url(self.credential),
            "type": "public-key",
            "response": {
                "authenticatorData": b64url(data),
                "clientDataJSON": b64url(said),
                "signature": b64url(signature),
                "userHandle": None,
            },
            "clientExtensionResults": {},
        }
