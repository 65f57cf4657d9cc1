"""Signed notes, as checkpoints are published (C2SP signed-note; Ed25519, signature type 0x01)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
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
        public: the 32 bytes of an Ed25519 key.
    """

    name: str
    public: bytes

    @property
    def hint(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hint.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A verified note: its text, with the final newline, and the known keys that signed it."""

    text: str
    signers: tuple[VerifierKey, ...]


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a key as `name+hint+base64`.

    Raises:
        NoteError: It is not such a key, or the hint does not fit.
    """
    name, _, rest = text.partition("+")
    hint, _, encoded = rest.partition("+")
    data = _decode(encoded)
    if not NAME.match(name) or len(data) != 33 or data[:1] != ED25519:
        msg = "This is not an Ed25519 verifier key of the form name+hint+key."
        raise NoteError(msg)
    key = VerifierKey(name=name, public=data[1:])
    if key.hint.hex() != hint:
        msg = f"The verifier key of {name} is damaged: its hint does not fit."
        raise NoteError(msg)
    return key


def verifier_key(name: str, public: Ed25519PublicKey) -> VerifierKey:
    """The verifier key of a public key under a name."""
    if not NAME.match(name):
        msg = f"{name!r} cannot name a key."
        raise NoteError(msg)
    return VerifierKey(name=name, public=public.public_bytes_raw())


def sign(name: str, private: Ed25519PrivateKey, text: str) -> str:
    """Sign a text, which must end in a newline, as a note with one signature."""
    _check_text(text)
    key = verifier_key(name, private.public_key())
    signature = base64.b64encode(key.hint + private.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def verify(note: str, keys: Iterable[VerifierKey]) -> Note:
    """Check a note against known keys; signatures by unknown keys are passed over.

    Raises:
        NoteError: The note is malformed, a known key's signature is wrong, or no known key signed.
    """
    text, signatures = _split(note)
    known = {(key.name, key.hint): key for key in keys}
    signers: list[VerifierKey] = []
    for name, signature in signatures:
        key = known.get((name, signature[:4]))
        if key is None or key in signers:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
        except InvalidSignature as error:
            msg = f"The signature of {name} on the note is wrong."
            raise NoteError(msg) from error
        signers.append(key)
    if not signers:
        msg = "No known key signed the note."
        raise NoteError(msg)
    return Note(text=text, signers=tuple(signers))


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
