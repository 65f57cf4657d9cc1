"""Public keys: their forms, their ids, and the ones that no registry may hold."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from proof import lattice_keys
from proof.lattice_keys import MlDsaKey

WEBAUTHN, SSH_FILE, SSH_SK, SSH_SK_UV, SERVICE = "webauthn", "ssh-file", "ssh-sk", "ssh-sk-uv", "service"
PERSON_CLASSES = frozenset({WEBAUTHN, SSH_FILE, SSH_SK, SSH_SK_UV})
VERIFIED_CLASSES = frozenset({WEBAUTHN, SSH_SK_UV})
"""Classes whose signatures show that the device checked its user (PIN, finger, face)."""

PublicKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey | MlDsaKey
PEM_HEAD, PEM_TAIL = "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n"
FIELD_PRIME = 2**255 - 19
LOW_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)


class KeyFormatError(ValueError):
    """The text is no public key of a kind and form that we take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key as the signed registry lists it.

    Attributes:
        key_id: SHA-256 of the SubjectPublicKeyInfo (for sk keys: of the SSH wire blob), lower-case hex.
        key_class: webauthn, ssh-file, ssh-sk, ssh-sk-uv, or service.
        public: SPKI PEM, or the OpenSSH line for SSH keys.
        person_id: who owns it; None for a service.
        status: `active` or `revoked`, as of the registry version that was read.
        enrolled_at, revoked_at: RFC 3339; empty where it does not apply.
        revoked_index: the ledger entry that revoked it; -1 where none did, or where that is not known.
        compromised_since: the ledger entry from which on its signatures are not its owner's; -1 if none is named.
        device_bound: whether its owner says that it cannot leave its device.
    """

    key_id: str
    key_class: str
    public: str
    person_id: str | None
    credential_id: str = ""
    rp_id: str = ""
    origins: tuple[str, ...] = ()
    backup_eligible: bool = False
    status: str = "active"
    enrolled_at: str = ""
    revoked_at: str = ""
    revoked_index: int = -1
    compromised_since: int = -1
    device_bound: bool = False


def load_pem(text: str) -> PublicKey:
    """Read an Ed25519, P-256 or ML-DSA key in SPKI PEM, in the one form in which we write it.

    Raises:
        KeyFormatError: Another kind or form of key, or a weak one.
    """
    try:
        body = text.removeprefix(PEM_HEAD).removesuffix(PEM_TAIL).replace("\n", "")
        data = base64.b64decode(body, validate=True)
        key = lattice_keys.from_spki(data) or load_der_public_key(data)
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        msg = "This is not a public key in PEM."
        raise KeyFormatError(msg) from error
    known = supported(key)
    if pem_of(known) != text:
        msg = "The PEM text is not in its one form."
        raise KeyFormatError(msg)
    return known


def pem_of(key: PublicKey) -> str:
    """The SPKI PEM text of a key."""
    if isinstance(key, MlDsaKey):
        return key.pem
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def raw_of(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of an Ed25519 key; `public_bytes_raw` came with `cryptography` 40 only, and Debian 12 has 38."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def supported(key: object) -> PublicKey:
    """The key itself if it is of a kind that we take, and not weak.

    Raises:
        KeyFormatError: It is not.
    """
    if isinstance(key, Ed25519PublicKey):
        refuse_weak_key(raw_of(key))
        return key
    if isinstance(key, MlDsaKey) or (isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)):
        return key
    msg = "Only Ed25519, P-256, ML-DSA-44 and ML-DSA-65 keys are taken."
    raise KeyFormatError(msg)


def check_signature(key: PublicKey, signature: bytes, message: bytes) -> None:
    """Check a signature, raw for Ed25519 and ML-DSA, DER over SHA-256 for P-256.

    Raises:
        cryptography.exceptions.InvalidSignature: It is wrong.
        UncheckableError: This computer lacks what it takes to check an ML-DSA signature.
    """
    match key:
        case Ed25519PublicKey() | MlDsaKey():
            key.verify(signature, message)
        case EllipticCurvePublicKey():
            key.verify(signature, message, ECDSA(SHA256()))
        case _:
            assert_never(key)


def refuse_weak_key(raw: bytes) -> None:
    """Refuse Ed25519 points of small order, under which one signature fits many messages, and unreduced encodings.

    The y coordinates of the eight points are 0, 1, -1 and two pairs of order 8; the sign bit does not matter
    (Cremers and Jackson, "Prime, Order Please", 2019).

    Raises:
        KeyFormatError: The key is one of those.
    """
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    if len(raw) != 32 or y >= FIELD_PRIME:
        msg = "This is not an Ed25519 key in its one form."
        raise KeyFormatError(msg)
    if y in {0, 1, FIELD_PRIME - 1, LOW_ORDER_8, FIELD_PRIME - LOW_ORDER_8}:
        msg = "This Ed25519 key is of low order: signatures under it prove nothing."
        raise KeyFormatError(msg)


def key_id_of(public: str) -> str:
    """The id of a key given as SPKI PEM or as an OpenSSH line.

    A key has one id, whichever form it comes in; keys of security keys, which have no SPKI, go by their SSH wire blob.

    Raises:
        KeyFormatError: It is neither.
    """
    if public.startswith("-----"):
        return spki_id(load_pem(public))
    blob = ssh_blob(public)
    if public.startswith("sk-"):
        return hashlib.sha256(blob).hexdigest()
    return spki_id(ssh_public(blob))


def spki_id(key: PublicKey) -> str:
    """The id of a key that has a SubjectPublicKeyInfo."""
    if isinstance(key, MlDsaKey):
        return hashlib.sha256(key.spki).hexdigest()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def ssh_blob(line: str) -> bytes:
    """The wire blob within an OpenSSH public key line.

    Raises:
        KeyFormatError: The line is not `type base64 [comment]`, or the types within and without differ.
    """
    parts = line.strip().split(" ", 2)
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except (IndexError, binascii.Error, ValueError) as error:
        msg = "This is not an OpenSSH public key."
        raise KeyFormatError(msg) from error
    if "\n" in line.strip() or base64.b64encode(blob).decode() != parts[1] or read_string(blob)[0] != parts[0].encode():
        msg = "This OpenSSH public key is malformed."
        raise KeyFormatError(msg)
    return blob


def ssh_public(blob: bytes) -> PublicKey:
    """The Ed25519 or P-256 key of an SSH wire blob, of a file or of a security key.

    Raises:
        KeyFormatError: Another kind of key, or bytes left over.
    """
    kind, rest = read_string(blob)
    try:
        if kind in {b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"}:
            point, rest = read_string(rest)
            key: PublicKey = Ed25519PublicKey.from_public_bytes(point)
        elif kind in {b"ecdsa-sha2-nistp256", b"sk-ecdsa-sha2-nistp256@openssh.com"}:
            curve, rest = read_string(rest)
            point, rest = read_string(rest)
            if curve != b"nistp256" or point[:1] != b"\x04":
                msg = "Only uncompressed points of P-256 are taken."
                raise KeyFormatError(msg)
            key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        else:
            msg = "Only Ed25519 and P-256 SSH keys are taken, in files or on security keys."
            raise KeyFormatError(msg)
    except ValueError as error:
        msg = f"The SSH key is malformed: {error}"
        raise KeyFormatError(msg) from error
    if kind.startswith(b"sk-"):
        _, rest = read_string(rest)
    if rest:
        msg = "The SSH key has bytes left over."
        raise KeyFormatError(msg)
    return supported(key)


def read_string(data: bytes) -> tuple[bytes, bytes]:
    """Split a length-prefixed string off SSH wire bytes (RFC 4251, 5).

    Raises:
        KeyFormatError: There are fewer bytes than announced.
    """
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 + size or len(data) < 4:
        msg = "SSH data ends too early."
        raise KeyFormatError(msg)
    return data[4 : 4 + size], data[4 + size :]
