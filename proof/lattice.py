"""ML-DSA-44 (FIPS 204), where this machine's `cryptography` can do it.

It is imported late: `cryptography` before 47 lacks the module, 47 may come with an OpenSSL that lacks the algorithm,
and a verifier on such a machine must still check all the rest, and say what it did not check.
"""

from importlib import import_module
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from proof.envelope import SignatureError

SEED_BYTES = 32
PUBLIC_BYTES = 1312
SIGNATURE_BYTES = 2420
NOT_CHECKED = "ML-DSA: NOT CHECKED (needs cryptography 48)"


class UncheckableError(SignatureError):
    """The signature is there and may be right, but this machine cannot tell; it never counts."""


def verify(public: bytes, signature: bytes, message: bytes, context: bytes = b"") -> bool:
    """Whether the signature is that of the key over the message.

    Raises:
        UncheckableError: This machine's `cryptography` has no ML-DSA-44.
    """
    library = module()
    try:
        library.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message, context or None)
    except UnsupportedAlgorithm as error:
        raise UncheckableError(NOT_CHECKED) from error
    except (InvalidSignature, ValueError):
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """The public key that belongs to a seed.

    Raises:
        UncheckableError: This machine's `cryptography` has no ML-DSA-44.
        ValueError: The seed is not 32 bytes.
    """
    try:
        return bytes(module().MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw())
    except UnsupportedAlgorithm as error:
        raise UncheckableError(NOT_CHECKED) from error


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign with the key that belongs to a seed.

    Raises:
        UncheckableError: This machine's `cryptography` has no ML-DSA-44.
        ValueError: The seed is not 32 bytes.
    """
    try:
        return bytes(module().MLDSA44PrivateKey.from_seed_bytes(seed).sign(message))
    except UnsupportedAlgorithm as error:
        raise UncheckableError(NOT_CHECKED) from error


def module() -> Any:  # noqa: ANN401 -- a module that may be missing
    """The part of `cryptography` that knows ML-DSA.

    Raises:
        UncheckableError: It has none.
    """
    try:
        return import_module("cryptography.hazmat.primitives.asymmetric.mldsa")
    except ImportError as error:
        raise UncheckableError(NOT_CHECKED) from error
