"""Signatures of several people over one document: the registry and the policy.

The file beside the document lists them, by key, in the three kinds that there are. Every signature is over the
document's encoding with its type; an SSH signature is in the namespace of its purpose besides.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from proof import canonical, sshsig, webauthn
from proof.binary import BinaryError, b64, b64url, unb64, unb64url
from proof.documents import (
    POLICY_NAMESPACE,
    POLICY_PAYLOAD,
    REGISTRY_NAMESPACE,
    REGISTRY_PAYLOAD,
    SIGNATURES,
    DocumentError,
)
from proof.documents.fields import DIGEST, Fields, document
from proof.envelope import SignatureError, pae
from proof.keys import SERVICE, WEBAUTHN, Key, KeyFormatError, load_pem, spki_id
from proof.lattice import UncheckableError

ED25519, SSH, PASSKEY = "ed25519", "ssh", "webauthn"
NAMESPACES = {REGISTRY_PAYLOAD: REGISTRY_NAMESPACE, POLICY_PAYLOAD: POLICY_NAMESPACE}
MAX_BYTES = 400_000
MAX_SIGNATURES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of the file, not yet verified: 64 raw bytes, an armored SSH signature, or a passkey's assertion."""

    key_id: str
    made: bytes | str | webauthn.Assertion
    credential_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """Which document is signed, and by whom."""

    payload_type: str
    payload_sha256: str
    signatures: tuple[Signature, ...]


def unsigned(payload_type: str, payload: bytes) -> bytes:
    """The signatures file of a document that nobody has signed yet."""
    return _write(
        SignatureFile(payload_type=payload_type, payload_sha256=canonical.sha256(payload), signatures=()),
    )


def sign_with_ed25519(
    private: Ed25519PrivateKey, payload_type: str, payload: bytes, signatures: bytes | None = None
) -> bytes:
    """Sign as the installation or with a recovery key; added to the signatures that there are already.

    Raises:
        SignatureError: The given file is not about this document.
    """
    made = Signature(key_id=spki_id(private.public_key()), made=private.sign(pae(payload_type, payload)))
    before = unsigned(payload_type, payload) if signatures is None else signatures
    found = parse_signatures(before)
    if (found.payload_type, found.payload_sha256) != (payload_type, canonical.sha256(payload)):
        msg = "The signatures are over another document."
        raise SignatureError(msg)
    return add_signature(before, made)


def add_signature(signatures: bytes, made: Signature) -> bytes:
    """The file with one more signature; one by the same key is replaced.

    Raises:
        SignatureError: The file is malformed.
    """
    found = parse_signatures(signatures)
    kept = [item for item in found.signatures if item.key_id != made.key_id]
    ordered = tuple(sorted([*kept, made], key=lambda item: item.key_id))
    return _write(
        SignatureFile(payload_type=found.payload_type, payload_sha256=found.payload_sha256, signatures=ordered)
    )


def namespace_of(payload_type: str) -> str:
    """The namespace of SSH signatures over a document of this type.

    Raises:
        SignatureError: Documents of this type are not signed in this way.
    """
    if payload_type not in NAMESPACES:
        msg = f"Documents of the type {payload_type} are not signed by several people."
        raise SignatureError(msg)
    return NAMESPACES[payload_type]


def parse_signatures(data: bytes) -> SignatureFile:
    """Read a signatures file without believing it.

    Raises:
        SignatureError: It is malformed.
    """
    try:
        found = document(data, SIGNATURES, _file, max_bytes=MAX_BYTES)
    except (DocumentError, BinaryError) as error:
        msg = f"The signatures are malformed: {error}"
        raise SignatureError(msg) from error
    ids = [item.key_id for item in found.signatures]
    if ids != sorted(set(ids)) or len(ids) > MAX_SIGNATURES:
        msg = f"The signatures are at most {MAX_SIGNATURES}, one a key, in the order of the keys' ids."
        raise SignatureError(msg)
    return found


def verify_threshold(
    signatures: bytes, payload_type: str, payload: bytes, keys: Sequence[Key], threshold: int
) -> tuple[str, ...]:
    """Check that enough of the keys signed, and return the ids of those that did; a person counts once.

    Signatures by other keys are passed over, since a registry is signed by two roots. A signature by one of the keys
    that is wrong spoils the file; one that cannot be checked here never counts.

    Raises:
        UncheckableError: There would be enough if this computer could check them all.
        SignatureError: There are not.
    """
    found = parse_signatures(signatures)
    if (found.payload_type, found.payload_sha256) != (payload_type, canonical.sha256(payload)):
        msg = "The signatures are over another document."
        raise SignatureError(msg)
    known = {key.key_id: key for key in keys}
    good: dict[str, str] = {}
    unchecked: dict[str, str] = {}
    for item in found.signatures:
        key = known.get(item.key_id)
        if key is None:
            continue
        try:
            _verify(item, key, payload_type, payload)
        except UncheckableError as error:
            unchecked[key.person_id or key.key_id] = str(error)
        else:
            good.setdefault(key.person_id or key.key_id, key.key_id)
    if len(good) >= threshold > 0:
        return tuple(sorted(good.values()))
    if threshold > 0 and len({*good, *unchecked}) >= threshold:
        raise UncheckableError(next(iter(unchecked.values())))
    msg = f"{len(good)} of the {len(known)} who may sign this did; it takes {threshold}."
    raise SignatureError(msg)


def _verify(item: Signature, key: Key, payload_type: str, payload: bytes) -> None:
    try:
        if isinstance(item.made, bytes) and key.key_class == SERVICE:
            _verify_ed25519(item.made, key, pae(payload_type, payload))
        elif isinstance(item.made, str) and key.key_class.startswith("ssh-"):
            sshsig.verify(item.made, key.public, namespace_of(payload_type), pae(payload_type, payload))
        elif isinstance(item.made, webauthn.Assertion) and key.key_class == WEBAUTHN:
            if item.credential_id != key.credential_id:
                msg = "The passkey is registered under another credential."
                raise SignatureError(msg)
            webauthn.verify(item.made, key, payload_type, payload)
        else:
            msg = "A signature is of another kind than its key."
            raise SignatureError(msg)
    except (KeyFormatError, json.JSONDecodeError) as error:
        msg = f"A signature is malformed: {error}"
        raise SignatureError(msg) from error


def _verify_ed25519(signature: bytes, key: Key, signed: bytes) -> None:
    public = load_pem(key.public)
    if not isinstance(public, Ed25519PublicKey):
        msg = "The installation and recovery keys are Ed25519 keys."
        raise SignatureError(msg)
    try:
        public.verify(signature, signed)
    except InvalidSignature as error:
        msg = f"The signature by the key {key.key_id[:12]} is wrong."
        raise SignatureError(msg) from error


def _write(file: SignatureFile) -> bytes:
    return canonical.dumps(
        {
            "_type": SIGNATURES,
            "payload_type": file.payload_type,
            "payload_sha256": file.payload_sha256,
            "signatures": [_members(item) for item in file.signatures],
        },
        max_bytes=MAX_BYTES,
    )


def _members(item: Signature) -> dict[str, str]:
    if isinstance(item.made, bytes):
        return {"kind": ED25519, "key_id": item.key_id, "signature": b64(item.made)}
    if isinstance(item.made, str):
        return {"kind": SSH, "key_id": item.key_id, "signature": item.made}
    return {
        "kind": PASSKEY,
        "key_id": item.key_id,
        "credential_id": item.credential_id,
        "authenticator_data": b64url(item.made.authenticator_data),
        "client_data_json": b64url(item.made.client_data_json),
        "signature": b64url(item.made.signature),
    }


def _file(f: Fields) -> SignatureFile:
    return SignatureFile(
        payload_type=f.text("payload_type"),
        payload_sha256=f.text("payload_sha256", DIGEST),
        signatures=f.objects("signatures", _signature),
    )


def _signature(f: Fields) -> Signature:
    key_id, kind = f.text("key_id", DIGEST), f.one_of("kind", (ED25519, SSH, PASSKEY))
    if kind == ED25519:
        return Signature(key_id=key_id, made=unb64(f.text("signature")))
    if kind == SSH:
        return Signature(key_id=key_id, made=f.text("signature"))
    assertion = webauthn.Assertion(
        authenticator_data=unb64url(f.text("authenticator_data")),
        client_data_json=unb64url(f.text("client_data_json")),
        signature=unb64url(f.text("signature")),
    )
    return Signature(key_id=key_id, made=assertion, credential_id=f.text("credential_id"))
