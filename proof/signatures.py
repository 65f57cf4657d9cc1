"""A statement or an act and its signature in one document (a sidecar), in the three forms that there are."""

import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from proof import canonical, sshsig, webauthn
from proof.binary import BinaryError, b64, b64url, unb64, unb64url
from proof.detached import sign_detached, verify_detached
from proof.documents import (
    ACT_NAMESPACE,
    ACT_PAYLOAD,
    DECISION_NAMESPACE,
    OVERRIDE,
    OVERRIDE_NAMESPACE,
    REVOKE_KEY,
    REVOKE_NAMESPACE,
    SSH_SIGNATURE,
    WEBAUTHN_SIGNATURE,
    DocumentError,
)
from proof.documents.fields import DIGEST, Fields, whole
from proof.envelope import PAYLOAD_TYPE, SignatureError, pae
from proof.keys import SERVICE, WEBAUTHN, Key, KeyFormatError, load_pem, spki_id
from proof.registry import Registry

__all__ = [
    "Sidecar",
    "SignatureError",
    "Verified",
    "namespace_of",
    "read_sidecar",
    "sign_detached",
    "sign_envelope",
    "ssh_sidecar",
    "verify_detached",
    "verify_read",
    "verify_sidecar",
    "webauthn_sidecar",
]
MAX_BYTES = 100_000
PAYLOAD_TYPES = frozenset({PAYLOAD_TYPE, ACT_PAYLOAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A sidecar taken apart, not yet verified.

    Attributes:
        proof: an assertion, an armored SSH signature, or the raw signature of a service.
    """

    payload: bytes
    payload_type: str
    key_id: str
    proof: webauthn.Assertion | str | bytes
    credential_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whose key signed what; `key_class` is that of the signature as it was made.

    Attributes:
        statement: the bytes that were signed, a statement or an act as `payload_type` says.
    """

    key_id: str
    key_class: str
    person_id: str | None
    statement: bytes
    payload_type: str


def namespace_of(payload_type: str, payload: bytes) -> str:
    """The namespace in which an SSH key signs this: by what it is for, so that no signature serves two purposes.

    Raises:
        SignatureError: It is neither a statement nor an act.
    """
    try:
        value = canonical.loads(payload)
    except canonical.CanonicalError as error:
        msg = f"What was signed is malformed: {error}"
        raise SignatureError(msg) from error
    members = value if isinstance(value, dict) else {}
    if payload_type == ACT_PAYLOAD:
        return REVOKE_NAMESPACE if members.get("kind") == REVOKE_KEY else ACT_NAMESPACE
    if payload_type == PAYLOAD_TYPE:
        return OVERRIDE_NAMESPACE if members.get("predicateType") == OVERRIDE else DECISION_NAMESPACE
    msg = "What was signed is neither a statement nor an act."
    raise SignatureError(msg)


def sign_envelope(private: Ed25519PrivateKey, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Sign a statement as one of our services: a DSSE envelope with one signature."""
    signature = b64(private.sign(pae(payload_type, payload)))
    keyid = spki_id(private.public_key())
    return canonical.dumps(
        {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"keyid": keyid, "sig": signature}]},
        max_bytes=MAX_BYTES,
    )


def ssh_sidecar(payload: bytes, armored: str, key_id: str, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Put a statement or an act and an SSH signature over its encoding into one document."""
    members = {"_type": SSH_SIGNATURE, "payload": b64(payload), "payload_type": payload_type}
    return canonical.dumps({**members, "signature": armored, "key_id": key_id}, max_bytes=MAX_BYTES)


def webauthn_sidecar(
    payload: bytes,
    assertion: webauthn.Assertion,
    *,
    credential_id: str,
    key_id: str,
    payload_type: str = PAYLOAD_TYPE,
) -> bytes:
    """Put a statement or an act and a passkey's assertion over it into one document."""
    members = {
        "_type": WEBAUTHN_SIGNATURE,
        "authenticator_data": b64url(assertion.authenticator_data),
        "client_data_json": b64url(assertion.client_data_json),
        "credential_id": credential_id,
        "key_id": key_id,
        "payload": b64(payload),
        "payload_type": payload_type,
        "signature": b64url(assertion.signature),
    }
    return canonical.dumps(members, max_bytes=MAX_BYTES)


def read_sidecar(data: bytes) -> Sidecar:
    """Take a sidecar apart without believing it.

    Raises:
        SignatureError: It has none of the three forms.
    """
    try:
        value = canonical.loads(data, max_bytes=MAX_BYTES)
        kind = value.get("_type", "") if isinstance(value, dict) else None
        reader = {WEBAUTHN_SIGNATURE: _webauthn, SSH_SIGNATURE: _ssh, "": _envelope}.get(str(kind))
        if reader is None:
            msg = "This is not a signed statement."
            raise SignatureError(msg)
        return whole(value, "signature", reader)
    except (canonical.CanonicalError, DocumentError, BinaryError) as error:
        msg = f"The signed statement is malformed: {error}"
        raise SignatureError(msg) from error


def verify_sidecar(sidecar: bytes, registry: Registry) -> Verified:
    """Check a signed statement or act against the keys of a registry; says nothing yet about what it says.

    Raises:
        UncheckableError: It may be right, but this computer cannot check signatures of its kind.
        SignatureError: The signature is not by a key of the registry, or is wrong.
    """
    return verify_read(read_sidecar(sidecar), registry)


def verify_read(found: Sidecar, registry: Registry) -> Verified:
    """As `verify_sidecar`, for one that has been taken apart already."""
    key = registry.key(found.key_id)
    if key is None:
        msg = f"No key {found.key_id[:12]} is registered."
        raise SignatureError(msg)
    try:
        key_class = _verify(found, key)
    except (KeyFormatError, json.JSONDecodeError) as error:
        msg = f"The signed statement is malformed: {error}"
        raise SignatureError(msg) from error
    return Verified(
        key_id=key.key_id,
        key_class=key_class,
        person_id=key.person_id,
        statement=found.payload,
        payload_type=found.payload_type,
    )


def _verify(found: Sidecar, key: Key) -> str:
    if isinstance(found.proof, str) and key.key_class.startswith("ssh-"):
        namespace = namespace_of(found.payload_type, found.payload)
        return sshsig.verify(found.proof, key.public, namespace, pae(found.payload_type, found.payload))
    if isinstance(found.proof, webauthn.Assertion) and key.key_class == WEBAUTHN:
        if found.credential_id != key.credential_id:
            msg = "The passkey is registered under another credential."
            raise SignatureError(msg)
        webauthn.verify(found.proof, key, found.payload_type, found.payload)
        return WEBAUTHN
    if isinstance(found.proof, bytes) and key.key_class == SERVICE:
        _verify_service(found.proof, key, pae(found.payload_type, found.payload))
        return SERVICE
    msg = "The signature is of another kind than its key."
    raise SignatureError(msg)


def _verify_service(signature: bytes, key: Key, signed: bytes) -> None:
    public = load_pem(key.public)
    if not isinstance(public, Ed25519PublicKey):
        msg = "Services sign with Ed25519."
        raise SignatureError(msg)
    try:
        public.verify(signature, signed)
    except InvalidSignature as error:
        msg = "The service's signature is wrong."
        raise SignatureError(msg) from error


def _payload(f: Fields, type_name: str) -> tuple[str, bytes]:
    return f.one_of(type_name, PAYLOAD_TYPES), unb64(f.text("payload"))


def _webauthn(f: Fields) -> Sidecar:
    f.take("_type")
    assertion = webauthn.Assertion(
        authenticator_data=unb64url(f.text("authenticator_data")),
        client_data_json=unb64url(f.text("client_data_json")),
        signature=unb64url(f.text("signature")),
    )
    payload_type, payload = _payload(f, "payload_type")
    return Sidecar(
        payload=payload,
        payload_type=payload_type,
        key_id=f.text("key_id", DIGEST),
        proof=assertion,
        credential_id=f.text("credential_id"),
    )


def _ssh(f: Fields) -> Sidecar:
    f.take("_type")
    payload_type, payload = _payload(f, "payload_type")
    return Sidecar(
        payload=payload, payload_type=payload_type, key_id=f.text("key_id", DIGEST), proof=f.text("signature")
    )


def _envelope(f: Fields) -> Sidecar:
    payload_type, payload = _payload(f, "payloadType")
    signed = f.objects("signatures", lambda s: (s.text("keyid", DIGEST), unb64(s.text("sig"))))
    if len(signed) != 1:
        msg = "An envelope of ours has one signature."
        raise DocumentError(msg)
    key_id, signature = signed[0]
    return Sidecar(payload=payload, payload_type=payload_type, key_id=key_id, proof=signature)
