"""The public key of a passkey, as its enrolment delivers it (COSE_Key, RFC 9052), turned into PEM."""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proof import lattice_keys
from proof.keys import KeyFormatError, pem_of, supported

KEY_TYPE, ALGORITHM, CURVE, X, Y = 1, 3, -1, -2, -3
ES256, EDDSA = -7, -8
AKP, PUBLIC = 7, -1
ML_DSA = {-48: 44, -49: 65}
"""COSE algorithm to the level of ML-DSA; their keys are of type AKP, with the raw key in `pub` (RFC 9964)."""


def pem_of_cose(data: bytes) -> str:
    """Turn an ES256, Ed25519 or ML-DSA COSE key into SPKI PEM.

    Raises:
        KeyFormatError: Another kind of key, or not such a key at all.
    """
    members = _map(data)
    if members.get(KEY_TYPE) == AKP:
        return _ml_dsa(members)
    shape = tuple(members.get(label) for label in (KEY_TYPE, ALGORITHM, CURVE))
    x, y = members.get(X), members.get(Y)
    try:
        if shape == (1, EDDSA, 6) and isinstance(x, bytes):
            return pem_of(supported(Ed25519PublicKey.from_public_bytes(x)))
        if shape == (2, ES256, 1) and isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == 32:
            numbers = EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1())
            return pem_of(supported(numbers.public_key()))
    except ValueError as error:
        msg = f"The passkey's public key is malformed: {error}"
        raise KeyFormatError(msg) from error
    msg = "Only ES256, Ed25519, ML-DSA-44 and ML-DSA-65 passkeys are taken."
    raise KeyFormatError(msg)


def _ml_dsa(members: dict[int, int | bytes]) -> str:
    algorithm, raw = members.get(ALGORITHM), members.get(PUBLIC)
    level = ML_DSA.get(algorithm) if isinstance(algorithm, int) else None
    key = lattice_keys.from_raw(level, raw) if level is not None and isinstance(raw, bytes) else None
    if key is None:
        msg = "This is no ML-DSA-44 or ML-DSA-65 key."
        raise KeyFormatError(msg)
    return key.pem


def _map(data: bytes) -> dict[int, int | bytes]:
    """The one CBOR map of integers to integers and byte strings that a COSE key is."""
    if not data or data[0] >> 5 != 5 or data[0] & 31 > 23:
        msg = "The passkey's public key is not a COSE key."
        raise KeyFormatError(msg)
    members: dict[int, int | bytes] = {}
    rest = data[1:]
    for _ in range(data[0] & 31):
        label, rest = _item(rest)
        value, rest = _item(rest)
        if not isinstance(label, int) or label in members:
            msg = "The passkey's public key has a label that it should not have."
            raise KeyFormatError(msg)
        members[label] = value
    if rest:
        msg = "The passkey's public key has bytes left over."
        raise KeyFormatError(msg)
    return members


def _item(data: bytes) -> tuple[int | bytes, bytes]:
    if not data:
        msg = "The passkey's public key ends too early."
        raise KeyFormatError(msg)
    major, short = data[0] >> 5, data[0] & 31
    width = {24: 1, 25: 2}.get(short, 0)
    if major > 2 or (short > 23 and not width) or len(data) < 1 + width:
        msg = "The passkey's public key holds something else than numbers and bytes."
        raise KeyFormatError(msg)
    number = int.from_bytes(data[1 : 1 + width], "big") if width else short
    rest = data[1 + width :]
    if major < 2:
        return (number if major == 0 else -1 - number), rest
    if len(rest) < number:
        msg = "The passkey's public key ends too early."
        raise KeyFormatError(msg)
    return rest[:number], rest[number:]
