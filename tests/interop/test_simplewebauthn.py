"""A passkey's signature over our statement, checked by a library of the web's own language."""

import json
import subprocess

import cbor2
import pytest

from proof import webauthn
from proof.binary import b64url
from proof.envelope import PAYLOAD_TYPE
from tests.node import cached, environment, node, npm_install
from tests.proof.cast import ORIGIN, PASSKEY

pytestmark = pytest.mark.interop
PACKAGES = {"@simplewebauthn/server": "13.2.2"}
PAYLOAD = b'{"a":1}'
SCRIPT = """
import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf-8"));
given.credential.publicKey = Uint8Array.from(Buffer.from(given.credential.publicKey, "base64url"));
try {
  const found = await verifyAuthenticationResponse(given);
  console.log(JSON.stringify({ verified: found.verified, user: found.authenticationInfo.userVerified }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
"""
BEN = PASSKEY["ben"]


@pytest.fixture(scope="session")
def folder():
    modules = npm_install(cached(PACKAGES), PACKAGES)
    script = modules.parent / "verify.mjs"
    script.write_text(SCRIPT)
    return script


def cose():
    numbers = BEN.private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


def theirs(script, assertion, **changes):
    given = {
        "response": {
            "id": BEN.credential_id,
            "rawId": BEN.credential_id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": b64url(assertion.authenticator_data),
                "clientDataJSON": b64url(assertion.client_data_json),
                "signature": b64url(assertion.signature),
            },
        },
        "expectedChallenge": webauthn.challenge(PAYLOAD_TYPE, PAYLOAD),
        "expectedOrigin": ORIGIN,
        "expectedRPID": "localhost",
        "requireUserVerification": True,
        "credential": {"id": BEN.credential_id, "publicKey": b64url(cose()), "counter": 0},
        **changes,
    }
    done = subprocess.run(
        [node(), script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
        timeout=60,
    )
    return json.loads(done.stdout)


def test_they_accept_what_we_accept(folder):
    assert theirs(folder, BEN.assertion(PAYLOAD)) == {"verified": True, "user": True}


@pytest.mark.parametrize(
    "changes",
    [{"flags": 0x01}, {"rp_id": "evil.example"}, {"origin": "https://evil.example"}, {"type": "webauthn.create"},
     {"challenge": b64url(bytes(32))}],
)  # fmt: skip
def test_they_refuse_what_we_refuse(folder, changes):
    assert "error" in theirs(folder, BEN.assertion(PAYLOAD, **changes))


def test_a_signature_of_another_key_is_wrong_for_both(folder):
    assert theirs(folder, PASSKEY["cleo"].assertion(PAYLOAD)) == {"verified": False, "user": True}
