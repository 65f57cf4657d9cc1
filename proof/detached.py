"""Signatures of our own services that stand beside the bytes they are over: registry, policy, manifest."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from proof import canonical
from proof.binary import BinaryError, b64, unb64
from proof.documents import DETACHED_SIGNATURE, DocumentError
from proof.documents.fields import DIGEST, Fields, document
from proof.envelope import SignatureError, pae
from proof.keys import KeyFormatError, load_pem, spki_id


def sign_detached(private: Ed25519PrivateKey, payload_type: str, payload: bytes) -> bytes:
    """Sign bytes of a type; the result is a document of its own."""
    return canonical.dumps(
        {
            "_type": DETACHED_SIGNATURE,
            "key_id": spki_id(private.public_key()),
            "payload_sha256": canonical.sha256(payload),
            "payload_type": payload_type,
            "signature": b64(private.sign(pae(payload_type, payload))),
        }
    )


def verify_detached(signature: bytes, *, public: str, payload_type: str, payload: bytes) -> None:
    """Check a detached signature by one Ed25519 key, given as PEM.

    Raises:
        SignatureError: It is not a signature by that key over these bytes as this type.
    """
    try:
        key = load_pem(public)
        key_id, digest, kind, raw = document(signature, DETACHED_SIGNATURE, _fields)
    except (DocumentError, KeyFormatError, BinaryError) as error:
        msg = f"The signature is malformed: {error}"
        raise SignatureError(msg) from error
    if not isinstance(key, Ed25519PublicKey) or key_id != spki_id(key):
        msg = "The signature is by another key."
        raise SignatureError(msg)
    if kind != payload_type or digest != canonical.sha256(payload):
        msg = "The signature is over another document."
        raise SignatureError(msg)
    try:
        key.verify(raw, pae(payload_type, payload))
    except InvalidSignature as error:
        msg = "The signature is wrong."
        raise SignatureError(msg) from error


def _fields(f: Fields) -> tuple[str, str, str, bytes]:
    return (
        f.text("key_id", DIGEST),
        f.text("payload_sha256", DIGEST),
        f.text("payload_type"),
        unb64(f.text("signature")),
    )
