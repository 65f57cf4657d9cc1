"""Check what a passkey signed (WebAuthn Level 3, 7.2), with the signed bytes bound by the challenge."""

import hashlib
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature

from proof.binary import b64url
from proof.envelope import SignatureError, pae
from proof.keys import Key, check_signature, load_pem

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 1, 4, 8, 16, 64, 128
HEAD_BYTES = 37
MAX_CLIENT_DATA = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What the browser hands over after a ceremony."""

    authenticator_data: bytes
    client_data_json: bytes
    signature: bytes


def challenge(payload_type: str, payload: bytes) -> str:
    """The challenge that binds a ceremony to bytes: base64url of SHA-256 over their encoding."""
    return b64url(hashlib.sha256(pae(payload_type, payload)).digest())


def sign_count(authenticator_data: bytes) -> int:
    """The authenticator's counter; shown and logged, never decided upon."""
    return int.from_bytes(authenticator_data[33:37], "big")


def verify(assertion: Assertion, key: Key, payload_type: str, payload: bytes) -> None:
    """Check an assertion by an enrolled passkey over a payload.

    Raises:
        SignatureError: Anything about it is not as it must be.
    """
    _check_client_data(assertion.client_data_json, key, challenge(payload_type, payload))
    _check_authenticator_data(assertion.authenticator_data, key)
    signed = assertion.authenticator_data + hashlib.sha256(assertion.client_data_json).digest()
    try:
        check_signature(load_pem(key.public), assertion.signature, signed)
    except InvalidSignature as error:
        msg = "The passkey's signature is wrong."
        raise SignatureError(msg) from error


def _check_client_data(data: bytes, key: Key, wanted: str) -> None:
    client = _client_data(data)
    if client.get("type") != "webauthn.get":
        msg = "The ceremony was not one of signing."
        raise SignatureError(msg)
    if client.get("challenge") != wanted:
        msg = "The passkey signed something else."
        raise SignatureError(msg)
    if client.get("origin") not in key.origins:
        msg = "The ceremony took place on another site than the key is for."
        raise SignatureError(msg)
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        msg = "The ceremony took place inside another site's page."
        raise SignatureError(msg)


def _client_data(data: bytes) -> dict[str, object]:
    if len(data) > MAX_CLIENT_DATA:
        msg = "The browser's client data is too long."
        raise SignatureError(msg)
    try:
        pairs: object = json.loads(data.decode("utf-8"), object_pairs_hook=list)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        msg = "The browser's client data is not JSON."
        raise SignatureError(msg) from error
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        msg = "The browser's client data is not an object."
        raise SignatureError(msg)
    client = dict(pairs)
    if len(client) != len(pairs):
        msg = "The browser's client data names something twice."
        raise SignatureError(msg)
    return client


def _check_authenticator_data(data: bytes, key: Key) -> None:
    if len(data) < HEAD_BYTES:
        msg = "The authenticator's data is too short."
        raise SignatureError(msg)
    flags = data[32]
    if data[:32] != hashlib.sha256(key.rp_id.encode()).digest():
        msg = "The passkey answered for another site."
        raise SignatureError(msg)
    if flags & ATTESTED or bool(flags & EXTENDED) != (len(data) > HEAD_BYTES):
        msg = "The authenticator's data has a part that does not belong there."
        raise SignatureError(msg)
    if not flags & USER_PRESENT:
        msg = "Nobody touched the key."
        raise SignatureError(msg)
    if not flags & USER_VERIFIED:
        msg = "The key did not check who used it."
        raise SignatureError(msg)
    if bool(flags & BACKUP_ELIGIBLE) != key.backup_eligible or (flags & BACKED_UP and not key.backup_eligible):
        msg = "The key says something else about its backup than at enrolment."
        raise SignatureError(msg)
