"""Signed notes, as checkpoints are published (https://c2sp.org/signed-note).

Three types of signature are known: 0x01, Ed25519 over the text; 0x04 and 0x06, a cosigner's Ed25519 or ML-DSA-44
signature over a checkpoint and a time (`proof.cosignature`).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from proof import cosignature, lattice
from proof.keys import raw_of

ED25519 = b"\x01"
COSIGNED_ED25519 = b"\x04"
COSIGNED_ML_DSA = b"\x06"
PUBLIC_BYTES = {ED25519: 32, COSIGNED_ED25519: 32, COSIGNED_ML_DSA: lattice.PUBLIC_BYTES}
MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100
NAME = re.compile(r"[^\s+]+\Z")
LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)\Z")


class NoteError(ValueError):
    """The text is not a note, or no known key signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """Who may have signed a note.

    Attributes:
        name: the key's name, for a log its origin.
        public: the key: 32 bytes for Ed25519, 1312 for ML-DSA-44.
        kind: the type of its signatures, one byte.
    """

    name: str
    public: bytes
    kind: bytes = ED25519

    @property
    def hint(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hint.hex()}+{base64.b64encode(self.kind + self.public).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A verified note.

    Attributes:
        text: what was signed, with the final newline.
        signers: the known keys whose signatures are right.
        times: what the cosigners among them say the time was, POSIX seconds, in the order of `signers`; 0 for none.
        unchecked: the known keys that signed in a way that this machine cannot check.
    """

    text: str
    signers: tuple[VerifierKey, ...]
    times: tuple[int, ...] = ()
    unchecked: tuple[VerifierKey, ...] = ()


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a key as `name+hint+base64`.

    Raises:
        NoteError: It is not such a key, or the hint does not fit.
    """
    name, _, rest = text.partition("+")
    hint, _, encoded = rest.partition("+")
    data = _decode(encoded)
    if not NAME.match(name) or len(data) - 1 != PUBLIC_BYTES.get(data[:1]):
        msg = "This is not an Ed25519 or ML-DSA-44 verifier key of the form name+hint+key."
        raise NoteError(msg)
    key = VerifierKey(name=name, public=data[1:], kind=data[:1])
    if key.hint.hex() != hint:
        msg = f"The verifier key of {name} is damaged: its hint does not fit."
        raise NoteError(msg)
    return key


def verifier_key(name: str, public: Ed25519PublicKey, kind: bytes = ED25519) -> VerifierKey:
    """The verifier key of an Ed25519 public key under a name, for notes (0x01) or as a cosigner (0x04)."""
    return _named(VerifierKey(name=name, public=raw_of(public), kind=kind))


def ml_dsa_verifier_key(name: str, public: bytes) -> VerifierKey:
    """The verifier key of an ML-DSA-44 public key under a name."""
    return _named(VerifierKey(name=name, public=public, kind=COSIGNED_ML_DSA))


def sign(name: str, private: Ed25519PrivateKey, text: str) -> str:
    """Sign a text, which must end in a newline, as a note with one signature."""
    _check_text(text)
    key = verifier_key(name, private.public_key())
    return f"{text}\n{_line(key, private.sign(text.encode()))}"


def cosign_ed25519(note: str, name: str, private: Ed25519PrivateKey, *, time: int) -> str:
    """The line that a cosigner adds to a signed checkpoint (type 0x04); `time` is POSIX seconds."""
    text, _ = _split(note)
    key = verifier_key(name, private.public_key(), COSIGNED_ED25519)
    signature = private.sign(cosignature.ed25519_message(time, text))
    return _line(key, cosignature.packed(time, signature))


def cosign_ml_dsa(note: str, name: str, seed: bytes, *, time: int) -> str:
    """The line that a cosigner, or the log itself, adds to a signed checkpoint (type 0x06).

    Raises:
        NoteError: The note is not a checkpoint.
        proof.lattice.UncheckableError: This machine has no ML-DSA-44.
    """
    text, _ = _split(note)
    key = ml_dsa_verifier_key(name, lattice.public_of(seed))
    try:
        message = cosignature.ml_dsa_message(name, time, text)
    except ValueError as error:
        raise NoteError(str(error)) from error
    return _line(key, cosignature.packed(time, lattice.sign(seed, message)))


def verify(note: str, keys: Iterable[VerifierKey]) -> Note:
    """Check a note against known keys; signatures by unknown keys are passed over.

    Raises:
        NoteError: The note is malformed, a known key's signature is wrong, or no known key signed.
    """
    text, signatures = _split(note)
    known = {(key.name, key.hint): key for key in keys}
    signers: dict[VerifierKey, int] = {}
    unchecked: list[VerifierKey] = []
    for name, signature in signatures:
        key = known.get((name, signature[:4]))
        if key is None or key in signers or key in unchecked:
            continue
        try:
            signers[key] = _verified(key, signature[4:], text)
        except lattice.UncheckableError:
            unchecked.append(key)
        except (InvalidSignature, ValueError) as error:
            msg = f"The signature of {name} on the note is wrong."
            raise NoteError(msg) from error
    if not signers:
        msg = "No known key signed the note."
        raise NoteError(msg)
    return Note(text=text, signers=tuple(signers), times=tuple(signers.values()), unchecked=tuple(unchecked))


def _verified(key: VerifierKey, signature: bytes, text: str) -> int:
    """The time that a right signature states; a wrong one raises."""
    if key.kind == ED25519:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
        return 0
    time, signature = cosignature.unpacked(signature)
    if key.kind == COSIGNED_ED25519:
        message = cosignature.ed25519_message(time, text)
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    elif not lattice.verify(key.public, signature, cosignature.ml_dsa_message(key.name, time, text)):
        raise InvalidSignature
    return time


def _named(key: VerifierKey) -> VerifierKey:
    if not NAME.match(key.name) or len(key.public) != PUBLIC_BYTES.get(key.kind):
        msg = f"{key.name!r} cannot name a key, or the key is of another type."
        raise NoteError(msg)
    return key


def _line(key: VerifierKey, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.hint + signature).decode()}\n"


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > MAX_BYTES:
        msg = "The note is too long."
        raise NoteError(msg)
    head, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        msg = "The note has no signatures."
        raise NoteError(msg)
    text = head + "\n"
    _check_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        msg = "The note has too many signatures."
        raise NoteError(msg)
    return text, [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    match = LINE.match(line)
    data = _decode(match["signature"]) if match else b""
    if match is None or len(data) < 5:
        msg = "A signature line of the note is malformed."
        raise NoteError(msg)
    return match["name"], data


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "Base64 of the note is malformed."
        raise NoteError(msg) from error
    if base64.b64encode(data).decode() != text:
        msg = "Base64 of the note is not in its one form."
        raise NoteError(msg)
    return data


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(sign) < 0x20 and sign != "\n" for sign in text):
        msg = "A note's text ends in a newline and holds no other control characters."
        raise NoteError(msg)
