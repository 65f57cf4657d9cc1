"""SSH signatures as `ssh-keygen -Y sign` makes them (PROTOCOL.sshsig), over files' keys and security keys."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proof.envelope import SignatureError
from proof.keys import (
    SSH_FILE,
    SSH_SK,
    SSH_SK_UV,
    KeyFormatError,
    PublicKey,
    check_signature,
    key_id_of,
    read_string,
    ssh_blob,
    ssh_public,
)

MAGIC = b"SSHSIG"
HEAD, TAIL = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----"
COLUMNS = 70
HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
USER_PRESENT, USER_VERIFIED = 1, 4
MAX_ARMOR = 8_192
SECURITY_KEY_APPLICATION = b"ssh:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLine:
    """An OpenSSH public key line, read.

    Attributes:
        kind: such as `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`.
        line: type and base64, without the comment.
        is_security_key: whether a device holds the private key.
    """

    kind: str
    line: str
    key_id: str
    blob: bytes
    public: PublicKey
    is_security_key: bool


def parse_public_line(text: str) -> PublicLine:
    """Read a line of a `.pub` file.

    Raises:
        KeyFormatError: It is not an Ed25519 or P-256 key, in a file or on a security key for SSH.
    """
    blob = ssh_blob(text)
    kind = read_string(blob)[0].decode("ascii", "replace")
    is_security_key = kind.startswith("sk-")
    if is_security_key and not _application(blob).startswith(SECURITY_KEY_APPLICATION):
        msg = "This security key was not made for SSH."
        raise KeyFormatError(msg)
    return PublicLine(
        kind=kind,
        line=" ".join(text.strip().split(" ")[:2]),
        key_id=key_id_of(text),
        blob=blob,
        public=ssh_public(blob),
        is_security_key=is_security_key,
    )


def sign(private_key: Ed25519PrivateKey | EllipticCurvePrivateKey, namespace: str, message: bytes) -> str:
    """Sign a message in a namespace; `ssh-keygen -Y verify` accepts the result."""
    blob = ssh_blob(private_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii"))
    signed = _signed(namespace.encode(), b"sha512", message)
    kind, _ = read_string(blob)
    if isinstance(private_key, Ed25519PrivateKey):
        raw = private_key.sign(signed)
    else:
        r, s = decode_dss_signature(private_key.sign(signed, ECDSA(SHA256())))
        raw = _string(_mpint(r)) + _string(_mpint(s))
    signature = _string(kind) + _string(raw)
    body = MAGIC + (1).to_bytes(4, "big")
    body += b"".join(_string(part) for part in (blob, namespace.encode(), b"", b"sha512", signature))
    text = base64.b64encode(body).decode("ascii")
    lines = [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)]
    return HEAD + "\n".join(lines) + "\n" + TAIL + "\n"


def verify(armored: str, public_line: str, namespace: str, message: bytes) -> str:
    """Check a signature and return the class of the key as it was used: ssh-file, ssh-sk or ssh-sk-uv.

    `ssh-keygen -Y verify` takes a security key's signature without touch or PIN; we do not.

    Raises:
        SignatureError: It is not a signature by this key over this message in this namespace.
    """
    try:
        key = parse_public_line(public_line)
        blob, space, digest, signature = _read(armored)
        if blob != key.blob:
            msg = "The signature is by another SSH key."
            raise SignatureError(msg)
        if space != namespace.encode():
            msg = f"The SSH signature is for another purpose than {namespace}."
            raise SignatureError(msg)
        signed = _signed(space, digest, message)
        kind, rest = read_string(signature)
        if kind != key.kind.encode():
            msg = "The SSH signature is of another kind than its key."
            raise SignatureError(msg)
        raw, rest = read_string(rest)
        if not key.is_security_key:
            if rest:
                msg = "The SSH signature has bytes left over."
                raise SignatureError(msg)
            _verify_raw(key.public, raw, signed)
            return SSH_FILE
        return _verify_security_key(key, raw, rest, signed)
    except KeyFormatError as error:
        msg = f"The SSH signature is malformed: {error}"
        raise SignatureError(msg) from error


def _verify_security_key(key: PublicLine, raw: bytes, rest: bytes, signed: bytes) -> str:
    if len(rest) != 5:
        msg = "The security key's signature is malformed."
        raise SignatureError(msg)
    application = hashlib.sha256(_application(key.blob)).digest()
    _verify_raw(key.public, raw, application + rest + hashlib.sha256(signed).digest())
    if not rest[0] & USER_PRESENT:
        msg = "Nobody touched the security key."
        raise SignatureError(msg)
    return SSH_SK_UV if rest[0] & USER_VERIFIED else SSH_SK


def _verify_raw(public: PublicKey, raw: bytes, signed: bytes) -> None:
    try:
        check_signature(public, raw if isinstance(public, Ed25519PublicKey) else _der(raw), signed)
    except InvalidSignature as error:
        msg = "The SSH signature is wrong."
        raise SignatureError(msg) from error


def _der(raw: bytes) -> bytes:
    """An ECDSA signature as SSH writes it, turned into DER."""
    r, rest = read_string(raw)
    s, rest = read_string(rest)
    numbers = [int.from_bytes(part, "big") for part in (r, s)]
    if rest or [_mpint(number) for number in numbers] != [r, s]:
        msg = "The SSH signature is malformed."
        raise SignatureError(msg)
    return encode_dss_signature(*numbers)


def _read(armored: str) -> tuple[bytes, bytes, bytes, bytes]:
    text = armored.strip()
    if len(armored) > MAX_ARMOR or not text.startswith(HEAD) or not text.endswith(TAIL):
        msg = "This is not an armored SSH signature."
        raise SignatureError(msg)
    try:
        data = base64.b64decode(text[len(HEAD) : -len(TAIL)].replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "The SSH signature is not base64."
        raise SignatureError(msg) from error
    if data[:6] != MAGIC or data[6:10] != (1).to_bytes(4, "big"):
        msg = "This is not version 1 of an SSH signature."
        raise SignatureError(msg)
    parts, rest = [], data[10:]
    for _ in range(5):
        part, rest = read_string(rest)
        parts.append(part)
    blob, namespace, reserved, digest, signature = parts
    if rest or reserved or digest not in HASHES:
        msg = "The SSH signature is malformed, or of a hash that is not taken."
        raise SignatureError(msg)
    return blob, namespace, digest, signature


def _signed(namespace: bytes, digest: bytes, message: bytes) -> bytes:
    hashed = HASHES[digest](message).digest()
    return MAGIC + _string(namespace) + _string(b"") + _string(digest) + _string(hashed)


def _application(blob: bytes) -> bytes:
    kind, rest = read_string(blob)
    for _ in range(2 if kind.startswith(b"sk-ecdsa") else 1):
        _, rest = read_string(rest)
    return read_string(rest)[0]


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _mpint(number: int) -> bytes:
    """A non-negative integer in the one form of RFC 4251: no needless zero, no sign bit."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b""
