"""The executor's own signatures: DSSE envelopes over intents and results, by the key that the registry lists for it."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from proof import canonical
from proof.binary import BinaryError, b64, unb64
from proof.documents import DocumentError
from proof.documents.fields import DIGEST, Fields, whole
from proof.envelope import SignatureError, pae
from proof.keys import KeyFormatError, load_pem, spki_id
from proof.registry import Registry

NAME = "executor"


def sign_as_executor(private: Ed25519PrivateKey, payload_type: str, payload: bytes) -> bytes:
    """Put an intent or a result and the executor's signature over it into one envelope."""
    signature = {"keyid": spki_id(private.public_key()), "sig": b64(private.sign(pae(payload_type, payload)))}
    return canonical.dumps({"payload": b64(payload), "payloadType": payload_type, "signatures": [signature]})


def verify_executor(envelope: bytes, registry: Registry, payload_type: str) -> bytes:
    """The bytes that the executor of this registry signed as this type.

    Raises:
        SignatureError: It did not.
    """
    service = registry.service(NAME)
    if service is None:
        msg = "The registry lists no executor."
        raise SignatureError(msg)
    payload, key_id, signature = _read(envelope, payload_type)
    try:
        public = load_pem(service.public)
    except KeyFormatError as error:
        raise SignatureError(str(error)) from error
    if key_id != service.key_id or not isinstance(public, Ed25519PublicKey):
        msg = "It is signed with another key than the executor's."
        raise SignatureError(msg)
    try:
        public.verify(signature, pae(payload_type, payload))
    except InvalidSignature as error:
        msg = "The executor's signature is wrong."
        raise SignatureError(msg) from error
    return payload


def _read(envelope: bytes, payload_type: str) -> tuple[bytes, str, bytes]:
    try:
        return whole(canonical.loads(envelope), "envelope", lambda f: _fields(f, payload_type))
    except (canonical.CanonicalError, DocumentError, BinaryError) as error:
        msg = f"The executor's envelope is malformed: {error}"
        raise SignatureError(msg) from error


def _fields(f: Fields, payload_type: str) -> tuple[bytes, str, bytes]:
    f.one_of("payloadType", {payload_type})
    signed = f.objects("signatures", lambda s: (s.text("keyid", DIGEST), unb64(s.text("sig"))))
    if len(signed) != 1:
        msg = "An envelope of ours has one signature."
        raise DocumentError(msg)
    return unb64(f.text("payload")), *signed[0]
